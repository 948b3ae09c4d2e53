"""The one exception to "never changed": taking a person out of everything a warehouse keeps (`liucun erase`)."""
