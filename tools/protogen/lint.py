"""The part of Buf's STANDARD rules we keep, and what protobuf-c 1.4.1 cannot carry."""

import re

from model import Field


def violations(model):
    found = []

    def report(where, text):
        found.append(f"{where}: {text}")

    for file in model.files:
        folder = file.package.replace(".", "/") + "/"
        if not file.name.startswith(folder) or not re.search(r"\.v\d+$", file.package):
            report(file.name, f"package {file.package} must be its folder and end in a version")
        if file.name != file.name.lower():
            report(file.name, "file names are lower_snake_case")
        for enum in file.enum_type:
            prefix = re.sub(r"(?<!^)(?=[A-Z])", "_", enum.name).upper() + "_"
            if enum.value[0].number != 0 or enum.value[0].name != prefix + "UNSPECIFIED":
                report(f"{file.name} {enum.name}", f"value 0 must be {prefix}UNSPECIFIED")
            for value in enum.value:
                if not value.name.startswith(prefix):
                    report(f"{file.name} {enum.name}.{value.name}", f"must begin with {prefix}")
        used = set()
        for service in file.service:
            if not service.name.endswith("Service"):
                report(f"{file.name} {service.name}", "service names end in Service")
            for method in service.method:
                where = f"{file.name} {service.name}.{method.name}"
                for kind, type_name in (("Request", method.input_type), ("Response", method.output_type)):
                    if type_name.split(".")[-1] != method.name + kind:
                        report(where, f"must use {method.name}{kind}")
                    if type_name in used:
                        report(where, f"{type_name} is shared between methods")
                    used.add(type_name)
                if method.client_streaming:
                    report(where, "requests are not streamed: call once a message, with an idempotency key")
                rule = model.method_rule(method)
                if method.server_streaming and not rule.idempotent:
                    report(where, "a stream is pulled in batches that may be repeated: it must be idempotent")
                if bool(rule.roles) == rule.any_peer:
                    report(where, "name the roles that may call it, or any_peer, and not both")

    for full, (message, _) in model.messages.items():
        if message.options.map_entry:
            report(full, "no maps: use a repeated key-value message")
        for field in message.field:
            if field.name != field.name.lower():
                report(f"{full}.{field.name}", "field names are lower_snake_case")
            if field.proto3_optional:
                report(f"{full}.{field.name}", "no proto3 optional: use a one-member oneof or a message")
        if _recursive(model, full, full, set()):
            report(full, "messages must not contain themselves")
    return found


def _recursive(model, start, full, seen):
    for field in model.messages[full][0].field:
        if field.type != Field.TYPE_MESSAGE:
            continue
        if field.type_name == start:
            return True
        if field.type_name not in seen:
            seen.add(field.type_name)
            if _recursive(model, start, field.type_name, seen):
                return True
    return False
