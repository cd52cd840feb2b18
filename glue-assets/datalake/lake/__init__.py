"""The services of the lake as a job uses them: objects, manifest, contracts, catalog, sessions."""
