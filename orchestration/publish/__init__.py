"""From the marts in the private warehouse to what readers open, and the state that one run hands to the next.

The steps of a run, in this order, so that a kill at any point leaves readers on the run before:

1. ``runs.staging_directory``   published/runs/.tmp-<run>
2. ``candidate.build_candidate``, ``personal_data.scan``, ``verify.verify_candidate``,
   ``manifest.write_manifest``
3. ``runs.publish``             seals the folder and renames it to published/runs/<run>
4. ``state.write_state``        state/<run>
5. ``pointer.flip``             published/current → runs/<run>; this is the commit
6. ``runs.prune``, ``status.write_status``, ``notify.notify``

``runs.sweep`` at the start of the next run removes whatever a killed run left behind.
"""
