"""Reads a run with MLflow's own client and says as JSON what it found: mlflow_client.py URL."""

import json
import os
import sys
import tempfile

os.environ["MLFLOW_TRACKING_URI"] = sys.argv[1]
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")

import mlflow  # noqa: E402
from mlflow.exceptions import MlflowException  # noqa: E402
from mlflow.tracking import MlflowClient  # noqa: E402

client = MlflowClient()
experiments = client.search_experiments()
experiment = client.get_experiment_by_name(experiments[0].name)
assert client.get_experiment(experiment.experiment_id).name == experiment.name
ids = [experiment.experiment_id]
everything = client.search_runs(ids, max_results=1000, order_by=["metrics.score ASC"])
best = everything[0]
run = client.get_run(best.info.run_id)
kept = client.search_runs(ids, filter_string="params.label = 'keep' and metrics.score > 0", order_by=["metrics.score DESC"])
specialists = client.search_runs(ids, filter_string="params.specialist IN ('opt') AND tags.`mlflow.parentRunId` IS NOT NULL")
liked = client.search_runs(ids, filter_string="tags.hypothesis LIKE '%<script>%'")
pages, token = [], None
while True:
    page = client.search_runs(ids, max_results=3, page_token=token)
    pages += [entry.info.run_id for entry in page]
    token = page.token
    if not token:
        break
artifacts = {entry.path: entry.is_dir for entry in client.list_artifacts(best.info.run_id)}
recipe = [entry.path for entry in client.list_artifacts(best.info.run_id, "recipe")]
with tempfile.TemporaryDirectory() as folder:
    envelope = open(client.download_artifacts(best.info.run_id, "verdict.dsse.json", folder)).read()
    whole = client.download_artifacts(best.info.run_id, "recipe", folder)
    files = sorted(os.listdir(whole))
try:
    client.set_tag(best.info.run_id, "a", "b")
    written = True
except MlflowException:
    written = False
try:
    client.get_run("0" * 32)
    unknown = True
except MlflowException as error:
    unknown = error.error_code
print(json.dumps({
    "version": mlflow.__version__, "experiment": experiment.name, "runs": len(everything),
    "scores": [entry.data.metrics["score"] for entry in everything if "score" in entry.data.metrics],
    "best": run.data.params, "tags": run.data.tags, "metrics": run.data.metrics, "status": run.info.status,
    "seeds": [metric.step for metric in client.get_metric_history(best.info.run_id, "seed_score")],
    "kept": [entry.data.params["label"] for entry in kept], "opt": [entry.data.params["specialist"] for entry in specialists],
    "liked": len(liked), "pages": len(set(pages)), "artifacts": artifacts, "recipe": recipe, "files": files,
    "envelope": envelope, "written": written, "unknown": unknown,
    "parent": client.get_run(run.data.tags["mlflow.parentRunId"]).data.params["trial"] if "mlflow.parentRunId" in run.data.tags else None,
}))
