"""Grand Bend whole."""
from __future__ import annotations
import json, time
from pathlib import Path
from collections.abc import Iterator
import pytest
from deploy.local.kafka import DEFAULT_CACHE_DIRECTORY
from tests.support.cluster import Cluster
from tests.support.district import District
SHARED = Path(__file__).parents[3] / "shared/data"

@pytest.fixture
def district(tmp_path):
    with Cluster(tmp_path, cache_directory=DEFAULT_CACHE_DIRECTORY, services=("evidence", "mastery")) as cluster:
        yield District(cluster)

def show(out):
    r = json.loads(out)
    print({k: v for k, v in r.items() if k not in ("first_kept_apart",)})
    for one in r["first_kept_apart"][:8]: print("   ", one)

@pytest.mark.timeout(500)
def test_try(district):
    t=time.time()
    show(district.command("import-case", str(SHARED/"frameworks/coherence-map/ccss_math_case_v1p1_package.json"), "--source", "case", "--json", codes=(0,1,3)))
    print(time.time()-t); t=time.time()
    show(district.command("import-oneroster", str(SHARED/"oneroster/grand-bend-v1p2-bulk.zip"), "--source", "sis", "--time-zone", "America/Chicago", "--json", codes=(0,1,3)))
    print(time.time()-t); t=time.time()
    show(district.command("import-edfi", str(SHARED/"edfi/sample-xml"), "--source", "edfi", "--time-zone", "America/Chicago", "--json", codes=(0,1,3)))
    print(time.time()-t); t=time.time()
    for _ in range(3):
        time.sleep(2)
        rows = district.rows("evidence", "SELECT source, state, reason, kind, count(*) FROM quarantine GROUP BY 1,2,3,4 ORDER BY 1,2,3,4")
        print([tuple(r.values()) for r in rows])
        due = district.rows("evidence", "SELECT count(*) FROM source_object WHERE due")
        print(due, district.rows("evidence", "SELECT source, kind, count(*) FROM ledger GROUP BY 1,2"))
    for t in ("school","term","section","enrolment","learner","adult","competency","framework","alias","item_alignment"):
        print(t, district.rows("evidence", f"SELECT count(*) FROM {t}"))
    print(district.rows("evidence", "SELECT collection, count(*) FROM source_object WHERE source='edfi' GROUP BY 1"))
    print(district.rows("evidence", "SELECT object_id, content FROM source_object WHERE source='edfi' and collection='orgs' limit 5"))
    print(district.rows("evidence", "SELECT message, count(*) FROM quarantine where state in (1,2) group by 1 order by 2 desc limit 20"))
    for n in ("evidence-resolver","evidence-api"):
        import subprocess
        print(subprocess.run(f"tail -3 {district.cluster.directory}/logs/{n}.log | cut -c1-1500", shell=True, capture_output=True, text=True).stdout)
