"""The lake's own services, as a job uses them: objects, manifest, contracts, catalog, sessions."""
