"""What the service answers, as examples of its description; recorded, see CONTRIBUTING.md."""

import json
from pathlib import Path
from typing import Any

#: Examples by operation, status and media type, in the order of the examples of the operation's body.
FILE = Path(__file__).with_name("answers.json")


def add_answers(paths: dict[str, Any]) -> None:
    """Give the answers that are no problems their examples."""
    for operation, statuses in json.loads(FILE.read_text(encoding="utf-8")).items():
        method, path = operation.split()
        for status, contents in statuses.items():
            response = paths[path][method]["responses"][status]
            for media_type, examples in contents.items():
                named = {f"example {number}": example for number, example in enumerate(examples, start=1)}
                content = {**response["content"][media_type], "examples": named}
                response["content"] = {**response["content"], media_type: content}
