"""The catalog of the field, and what the name of a constant says."""

import json
import os
import re

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "catalog.json"), encoding="utf-8") as file:
    CATALOG = json.load(file)
NAMES = [dict(rule, regex=re.compile(rule["pattern"], re.IGNORECASE)) for rule in CATALOG["names"]]
SCHEDULES = CATALOG["schedules"]
FUNCTION = re.compile(SCHEDULES["function_names"], re.IGNORECASE)
FRACTION = re.compile(SCHEDULES["fraction_names"], re.IGNORECASE)
STEP = re.compile(SCHEDULES["step_names"], re.IGNORECASE)
TOTAL = re.compile(SCHEDULES["total_names"], re.IGNORECASE)


def rule_for(name):
    """What a name says about the number behind it."""
    if not name:
        return None
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    for rule in NAMES:
        if rule["regex"].search(snake):
            return rule
    return None


def spell_number(value, like):
    """A number as a person would write it; an integer stays one."""
    if isinstance(like, int):
        return str(int(value))
    text = f"{value:.3g}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        return f"{mantissa}e{int(exponent)}"
    return text if "." in text else text + ".0"
