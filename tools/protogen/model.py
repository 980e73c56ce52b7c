"""The descriptor set as the generators see it: packages, messages, enums, services and our options."""

from google.protobuf import descriptor_pb2

import names

Field = descriptor_pb2.FieldDescriptorProto
DEFAULT_STRING_BYTES = 64 * 1024
DEFAULT_BLOB_BYTES = 4 * 1024 * 1024
DEFAULT_ITEMS = 100_000
OURS = "assay/"


class Model:
    def __init__(self, descriptors, options):
        self.options = options
        self.files = [file for file in descriptors.file if file.name.startswith(OURS)]
        self.messages, self.enums = {}, {}
        for file in self.files:
            space = names.namespace(file.package)
            for enum in file.enum_type:
                self.enums[f".{file.package}.{enum.name}"] = (enum, f"{space}.{enum.name}")
            for message in file.message_type:
                self._walk(f".{file.package}", message, space)

    def _walk(self, prefix, message, path):
        full, path = f"{prefix}.{message.name}", f"{path}.{message.name}"
        self.messages[full] = (message, path)
        for nested in message.nested_type:
            self._walk(full, nested, path)
        for enum in message.enum_type:
            self.enums[f"{full}.{enum.name}"] = (enum, f"{path}.{enum.name}")

    def packages(self):
        result = {}
        for file in self.files:
            result.setdefault(file.package, []).append(file)
        return result

    def method_rule(self, method):
        return method.options.Extensions[self.options.method]

    def bounds(self, field):
        """(bytes or None, items or None) that a decoded field may have."""
        rule = field.options.Extensions[self.options.field]
        size = None
        if field.type == Field.TYPE_STRING:
            size = rule.max_bytes or DEFAULT_STRING_BYTES
        elif field.type == Field.TYPE_BYTES:
            size = rule.max_bytes or DEFAULT_BLOB_BYTES
        items = (rule.max_items or DEFAULT_ITEMS) if field.label == Field.LABEL_REPEATED else None
        return size, items
