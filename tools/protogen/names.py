"""How protobuf names become C names (protoc-c's rules) and Swift names (ours)."""

C_KEYWORDS = set(
    "and asm auto bool break case catch char class const continue default delete do double else enum explicit extern "
    "false float for friend goto if inline int long mutable namespace new not operator or private protected public "
    "register return short signed sizeof static struct switch template this throw true try typedef typeid typename "
    "union unsigned using virtual void volatile while xor".split()
)
SWIFT_KEYWORDS = set(
    "in is as self default case class struct enum func var let operator protocol return switch where import init "
    "internal public private repeat extension for while do if else guard defer throw throws true false nil super "
    "static subscript inout break continue try catch".split()
)


def c_type(full):
    """`.assay.rpc.v1.Status` -> `Assay__Rpc__V1__Status`."""
    return "__".join(upper_camel(part) for part in full.split(".") if part)


def c_prefix(full):
    """`.assay.rpc.v1.RunState` -> `assay__rpc__v1__run_state`."""
    return "__".join(lower_snake(part) for part in full.split(".") if part)


def c_field(name):
    name = name.lower()
    return name + "_" if name in C_KEYWORDS else name


def lower_snake(name):
    result, after_upper = "", True
    for char in name:
        if char.isupper():
            result += ("" if after_upper else "_") + char.lower()
        else:
            result += char
        after_upper = char.isupper()
    return result


def upper_camel(name):
    result, up = "", True
    for char in name:
        if char == "_":
            up = True
        else:
            result += char.upper() if up else char
            up = False
    return result


def lower_camel(name):
    parts = [part for part in name.split("_") if part]
    return parts[0].lower() + "".join(part[:1].upper() + part[1:].lower() for part in parts[1:])


def lower_first(name):
    return name[:1].lower() + name[1:]


def quoted(name):
    return f"`{name}`" if name in SWIFT_KEYWORDS else name


def namespace(package):
    """`assay.lineage.v1` -> `LineageV1`; `assay.rpc.v1` -> `RPCV1`."""
    parts = package.split(".")[1:]
    return "".join("RPC" if part == "rpc" else upper_camel(part) for part in parts)
