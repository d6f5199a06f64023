"""The description of the API has every route of a record, the proofs of its clocks included."""

from __future__ import annotations

from tests.support.clients import Site


def test_the_route_of_clocks_is_described(site: Site) -> None:
    """One answer for each type that may be read, with a schema that is there."""
    document = site.visitor("hr").json("GET", "/api/v1/_openapi").get_json()
    routes = [path for path in document["paths"] if path.endswith("/{pk}")]
    assert routes and all(f"{path}/deadlines" in document["paths"] for path in routes)
    told = document["paths"][f"{routes[0]}/deadlines"]["get"]["responses"]["200"]
    schema = told["content"]["application/json"]["schema"]["properties"]["result"]
    assert schema == {"type": "array", "items": {"$ref": "#/components/schemas/Clock"}}
    assert {"service_level", "due", "counted", "left_out"} <= set(
        document["components"]["schemas"]["Clock"]["properties"]
    )
    assert site.visitor("hr").get("/api/v1/r.visit/1/deadlines").status_code == 200
