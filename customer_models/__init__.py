"""The statistics that SQL cannot do, as functions of Arrow tables."""
