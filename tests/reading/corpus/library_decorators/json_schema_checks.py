# needs: jsonschema
import jsonschema
import jsonschema.validators

CHECKER = jsonschema.FormatChecker()


@CHECKER.checks("name")
def is_name(instance):
    return bool(strip(instance))


def strip(text):
    return text.strip()


class Schema:
    base = jsonschema.Draft4Validator

    def __init__(self, schema, relaxed=False):
        validators = {"minimum": self.check_minimum}
        if relaxed:
            validators["additionalProperties"] = drop_the_rest
        cls = jsonschema.validators.extend(self.base, validators)
        self.validator = cls(schema, format_checker=CHECKER)

    def validate(self, instance):
        self.validator.validate(instance)

    def check_minimum(self, validator, minimum, instance, schema):
        if self.below(instance, minimum):
            yield jsonschema.ValidationError("too small")

    def below(self, instance, minimum):
        return instance < minimum


def drop_the_rest(validator, value, instance, schema):
    return known(instance, schema)


def known(instance, schema):
    return []


SIMPLE = {"type": "string", "format": "name"}


def check_simply(instance):
    jsonschema.validate(instance, SIMPLE, format_checker=CHECKER)


Schema(
    {
        "properties": {"size": {"minimum": 1}, "name": {"format": "name"}},
        "additionalProperties": False,
    },
    relaxed=True,
).validate({"size": 2, "name": "blue", "more": 1})
check_simply("red")
