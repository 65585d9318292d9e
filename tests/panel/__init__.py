"""The panel: screens, session, storage, command line."""
