"""Tasks with annotations, as Label Studio imports them and exports them as JSON."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from model import atomic
from model.annotation import NOBODY, Annotation
from model.codebook import Codebook
from model.faults import describe
from model.json_text import read_json
from model.label_studio import actor_results, frame_results, undecided_results
from training.formats.intake import Intake
from training.formats.label_studio_labels import Labels
from training.formats.label_studio_task import Completion, Task
from training.formats.lines import read_text
from training.options import check_writable

_META = "frameline"
#: Behind every annotation whose order is known.
_LAST = 1 << 62
_MINIMAL = (
    "this is Label Studio's JSON-MIN, which does not say which stance belongs to which actor; "
    "export the project as JSON"
)


class LabelStudio:
    """Label Studio's JSON; offsets count code points, as its editor does.

    A task is a sentence: its text, id, document and origin are in the task's data. Label Studio gives annotations
    ids and authors of its own, so who annotated is noted in the task's ``meta``, under the id with which the
    annotation came.
    """

    name = "label-studio"
    summary = "Label Studio's JSON: tasks with annotations (not JSON-MIN)"
    folder = False

    def recognises(self, path: Path, head: str) -> bool:
        """Whether it begins as a list of tasks, or as JSON-MIN, which `read` refuses with the remedy."""
        start = head.lstrip()[:1]
        return start == "[" and any(f'"{field}"' in head for field in ("result", "data", "annotation_id"))

    def files(self, folder: Path) -> list[Path]:
        """Every ``*.json`` below."""
        return sorted(folder.rglob("*.json"))

    def read(self, paths: Sequence[Path], intake: Intake) -> None:
        """Read tasks; annotations that were skipped, drafts and predictions are left out, and counted."""
        for path in paths:
            read = [found for place, task in _tasks(path, intake) for found in _annotations(path, place, task, intake)]
            for _, place, fields in sorted(read, key=lambda found: found[0]):
                intake.add(path, place, fields)

    def write(self, annotations: Sequence[Annotation], target: Path, codebook: Codebook) -> None:
        """Write a task a sentence, with everybody's annotations; those of nobody are still to be made."""
        tasks: dict[tuple[str, ...], dict[str, Any]] = {}
        for number, annotation in enumerate(annotations, start=1):
            key = (annotation.id, annotation.document, annotation.origin, annotation.text)
            if key not in tasks:
                tasks[key] = _new_task(annotation)
            if annotation.annotator == NOBODY:
                continue
            task = tasks[key]
            task["meta"][_META]["annotators"][str(number)] = annotation.annotator
            task["annotations"].append({"id": number, "ground_truth": False, "result": _results(annotation)})
        check_writable(target)
        atomic.write(target, f"{json.dumps(list(tasks.values()), ensure_ascii=False, indent=1)}\n".encode())


def _new_task(annotation: Annotation) -> dict[str, Any]:
    data = {
        "text": annotation.text,
        "sentence": annotation.id,
        "document": annotation.document,
        "origin": annotation.origin,
    }
    return {"data": data, "meta": {_META: {"annotators": {}}}, "annotations": []}


def _results(annotation: Annotation) -> list[dict[str, Any]]:
    results = frame_results(annotation.frames)
    for actor in annotation.actors:
        results += actor_results(annotation.text, actor.start, actor.end, actor.stance, actor.actor)
    for span in annotation.undecided:
        results += undecided_results(annotation.text, span.start, span.end)
    return results


def _tasks(path: Path, intake: Intake) -> Iterator[tuple[str, Task]]:
    """Yield the place and the task of every entry; what is no task becomes a fault."""
    text = read_text(path, intake)
    if text is None:
        return
    try:
        entries = read_json(text)
    except ValueError as error:
        intake.fault(path, "", f"{error}; export the project again")
        return
    if not isinstance(entries, list) or not entries:
        intake.fault(path, "", "a list of tasks is needed, as Label Studio exports it as JSON")
        return
    for number, entry in enumerate(entries):
        place = f"[{number}]"
        if isinstance(entry, dict) and "annotation_id" in entry and "annotations" not in entry:
            intake.fault(path, place, _MINIMAL)
            return
        try:
            yield place, Task.model_validate(entry)
        except ValidationError as error:
            for fault in describe(error):
                intake.fault(path, place, fault)


def _annotations(path: Path, place: str, task: Task, intake: Intake) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Yield each annotation of a task: its order, its place and its fields."""
    given = task.fields()
    if "text" not in given:
        intake.fault(path, place, "data.text: the sentence is missing; keep it in the task's data under the name text")
        return
    left_out = {"drafts": len(task.drafts), "predictions": len(task.predictions)}
    left_out["tasks without annotations"] = int(not task.annotations)
    left_out["skipped tasks"] = sum(completion.was_cancelled for completion in task.annotations)
    for what, count in left_out.items():
        for _ in range(count):
            intake.note(f"{what} of Label Studio left out")
    for number, completion in enumerate(task.annotations):
        if completion.was_cancelled:
            continue
        at = f"{place}.annotations[{number}]"
        labels = Labels(given["text"], intake.codebook, completion.result)
        fields = labels.fields()
        for fault in labels.faults:
            intake.fault(path, at, fault)
        for note in labels.notes:
            intake.note(f"{note} left out")
        order, annotator = _author(task, completion)
        yield order, at, {**given, **fields, "annotator": annotator}


def _author(task: Task, completion: Completion) -> tuple[int, str | None]:
    """The order in which it was written, and who annotated: whom the file named, unless somebody changed it since."""
    imported = completion.id if completion.import_id is None else completion.import_id
    known = task.annotators(_META).get(str(imported))
    order = imported if known is not None and isinstance(imported, int) else _LAST
    return order, completion.author if known is None else known if completion.updated_by is None else completion.editor
