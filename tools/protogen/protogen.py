#!/usr/bin/env python3
"""protogen.py DESCRIPTORS OPTIONS_DIR PATCHED MESSAGES_DIR SERVICES_DIR

Reads a FileDescriptorSet and writes Swift value types, Swift service stubs, and a descriptor set that protoc-c 1.4.1
can carry: strings become bytes (protoc-c would cut them at a NUL), and our options and their imports are taken out.
Exits 1 when a .proto breaks one of our rules."""

import pathlib
import sys

from google.protobuf import descriptor_pb2

import lint
import swift_messages
import swift_services
from model import Field, Model


def main(descriptors, options_dir, patched, messages_dir, services_dir):
    sys.path.insert(0, options_dir)
    from assay.rpc.v1 import options_pb2

    data = pathlib.Path(descriptors).read_bytes()
    descriptor_set = descriptor_pb2.FileDescriptorSet.FromString(data)
    model = Model(descriptor_set, options_pb2)

    broken = lint.violations(model)
    for text in broken:
        print(f"protos: {text}", file=sys.stderr)
    if broken:
        return 1

    write(messages_dir, swift_messages.generate(model))
    write(services_dir, swift_services.generate(model))
    pathlib.Path(patched).write_bytes(for_protoc_c(descriptor_set).SerializeToString())
    return 0


def write(folder, files):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)


def for_protoc_c(original):
    result = descriptor_pb2.FileDescriptorSet()
    for file in original.file:
        if not file.name.startswith("assay/"):
            continue
        copy = result.file.add()
        copy.CopyFrom(file)
        kept = [name for name in copy.dependency if name.startswith("assay/")]
        del copy.dependency[:]
        copy.dependency.extend(kept)
        del copy.extension[:]
        del copy.service[:]
        copy.ClearField("source_code_info")
        for message in copy.message_type:
            strip(message)
    return result


def strip(message):
    for field in message.field:
        if field.type == Field.TYPE_STRING:
            field.type = Field.TYPE_BYTES
        field.ClearField("json_name")
        field.ClearField("options")
    for nested in message.nested_type:
        strip(nested)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
