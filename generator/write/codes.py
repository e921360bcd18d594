"""What can go wrong between the files of a chart and the folder they go to."""

from generator.diagnostics import Code, Severity

EDITED = Code(
    "FH6101",
    "generated file was edited by hand",
    "Your edit would be lost. The file is kept as you left it, and the new text stands beside it in <file>.new, which "
    "Helm does not read. Bring your change into the spec and compile with --force, or keep the file as your own with "
    "--adopt.",
    wrong="flowhelm compile spec.yaml            # after an edit of templates/NOTES.txt\n",
    right="flowhelm compile spec.yaml --adopt templates/NOTES.txt\n",
)
NOT_A_FOLDER = Code(
    "FH6102",
    "target is not a folder",
    "A chart is a folder; something else has the name it was to get.",
    wrong="flowhelm compile spec.yaml -o README.md\n",
    right="flowhelm compile spec.yaml -o charts/shop\n",
)
FOREIGN_CHART = Code(
    "FH6103",
    "folder holds a chart that flowhelm did not make",
    "Its files would mix with the generated ones. A chart that flowhelm made says so in .flowhelm.json.",
    wrong="flowhelm compile spec.yaml -o charts/prometheus\n",
    right="flowhelm compile spec.yaml -o charts/shop\n",
)
IN_THE_WAY = Code(
    "FH6104",
    "something is in the way of a generated file",
    "A folder stands where a file is to be written, a file where a folder, or the folder is a symbolic link that leads "
    "to another place. Nothing of this is removed or followed.",
)
UNREADABLE_RECORD = Code(
    "FH6105",
    "ownership record cannot be read",
    ".flowhelm.json tells generated files from edited ones. Without it nothing can be overwritten safely; a merge "
    "conflict inside it is the usual cause.",
    wrong='<<<<<<< HEAD\n{"format": 1\n',
    right='{"format": 1, "files": {}}\n',
)
UNWRITABLE = Code(
    "FH6106",
    "chart cannot be written",
    "The operating system refused to read or write the folder, or the disk is full. The chart is as it was.",
)
CHANGED = Code(
    "FH6107",
    "folder changed while it was being written",
    "Another program, or a save in an editor, changed the folder at the same moment. Nothing was written, so nothing "
    "was lost.",
)
NOT_GENERATED = Code(
    "FH6108",
    "nothing to adopt",
    "Only a file that flowhelm generates for this chart, and that is there, can become your own; all others are yours "
    "anyway.",
    wrong="flowhelm compile spec.yaml --adopt my-notes.txt\n",
    right="flowhelm compile spec.yaml --adopt templates/NOTES.txt\n",
)
NO_LONGER_GENERATED = Code(
    "FH6109",
    "edited file is no longer generated",
    "The spec does not ask for this file any more. It was edited by hand, so it stays, and Helm goes on to read it.",
    severity=Severity.WARNING,
)

CODES = (
    EDITED,
    NOT_A_FOLDER,
    FOREIGN_CHART,
    IN_THE_WAY,
    UNREADABLE_RECORD,
    UNWRITABLE,
    CHANGED,
    NOT_GENERATED,
    NO_LONGER_GENERATED,
)
