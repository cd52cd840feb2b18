"""Results of Athena queries lie where the execution says. ministack puts them into a folder of the file's own name."""

from ministack.services import athena


def install() -> None:
    """Replaces the writing of results."""
    save = athena._save_query_results

    async def save_at_location(query_id: str) -> None:
        configuration = athena._executions[query_id]["ResultConfiguration"]
        location = configuration["OutputLocation"]
        configuration["OutputLocation"] = location.rpartition("/")[0] + "/"
        try:
            await save(query_id)
        finally:
            configuration["OutputLocation"] = location

    athena._save_query_results = save_at_location
