"""`dataclass` as the standard library has it, made quickly; the stub beside it says just that.

A command that starts in a few hundredths of a second cannot spend half of them on writing and
compiling methods of classes that it never makes an object of. Only what is used here is served.
"""

from __future__ import annotations

from operator import attrgetter
from types import MemberDescriptorType

__all__ = ["dataclass", "field", "fields", "is_dataclass", "replace"]

_FIELDS = "__value_fields__"
_PLACES = "__value_places__"
_ABSENT = object()


class _Field:
    """What `field()` was told; the name comes from the class."""

    __slots__ = ("compare", "default", "default_factory", "name", "repr", "type")

    def __init__(self, default, default_factory, compare, repr_):
        self.name = ""
        self.type = ""
        self.default = default
        self.default_factory = default_factory
        self.compare = compare
        self.repr = repr_


def field(*, default=_ABSENT, default_factory=_ABSENT, compare=True, repr=True):
    """Say more of a field than its default."""
    return _Field(default, default_factory, compare, repr)


def dataclass(cls=None, *, frozen=False, slots=False, eq=True):
    """Make a class of fields."""

    def make(cls):
        return _made(cls, is_frozen=frozen, has_slots=slots, has_eq=eq)

    return make if cls is None else make(cls)


def _made(cls, *, is_frozen, has_slots, has_eq):
    own = _own_fields(cls)
    every = {}
    for base in reversed(cls.__mro__[1:]):
        every.update(vars(base).get(_FIELDS, {}))
    every.update(own)
    names = {
        _FIELDS: every,
        "__dataclass_fields__": _StandardFields(),
        "__match_args__": tuple(every),
        "__init__": _first_init,
        "__repr__": _repr,
    }
    if has_eq:
        names["__eq__"] = _comparison(every)
        names["__hash__"] = _hashing(every) if is_frozen else None
    if is_frozen:
        names["__setattr__"] = _refuse_to_set
        names["__delattr__"] = _refuse_to_delete
    if has_slots and is_frozen:
        names["__getstate__"] = _getstate
        names["__setstate__"] = _setstate
    written = vars(cls)
    names = {name: value for name, value in names.items() if name not in written or name == _FIELDS}
    if has_slots:
        return _with_slots(cls, own, names)
    for name, one in own.items():
        if one.default is not _ABSENT:
            setattr(cls, name, one.default)
        elif name in written:
            delattr(cls, name)
    for name, value in names.items():
        setattr(cls, name, value)
    return cls


def _own_fields(cls):
    found = {}
    for name, type_ in vars(cls).get("__annotations__", {}).items():
        if str(type_).startswith(("ClassVar", "typing.ClassVar")):
            continue
        value = vars(cls).get(name, _ABSENT)
        one = value if isinstance(value, _Field) else _Field(value, _ABSENT, True, True)
        one.name = name
        one.type = type_
        found[name] = one
    return found


def _with_slots(cls, own, names):
    inherited = {
        name for base in cls.__mro__[1:-1] for name in vars(base).get("__slots__", ()) or ()
    }
    body = {name: value for name, value in vars(cls).items() if name not in own}
    body.pop("__dict__", None)
    body.pop("__weakref__", None)
    body.update(names)
    body["__slots__"] = tuple(name for name in own if name not in inherited)
    body["__qualname__"] = cls.__qualname__
    return type(cls)(cls.__name__, cls.__bases__, body)


def _first_init(self, *given, **named):
    # Most classes that a command imports it makes no object of: the constructor is written
    # when it is first called.
    owner = next(cls for cls in type(self).__mro__ if vars(cls).get("__init__") is _first_init)
    owner.__init__ = _constructor(owner)
    owner.__init__(self, *given, **named)


def _constructor(cls):
    every = getattr(cls, _FIELDS)
    scope = {"_absent": _ABSENT, "_put": object.__setattr__}
    parameters, lines = ["self"], []
    is_frozen = cls.__setattr__ is _refuse_to_set
    for name, one in every.items():
        value = name
        if one.default_factory is not _ABSENT:
            scope[f"_make_{name}"] = one.default_factory
            parameters.append(f"{name}=_absent")
            value = f"_make_{name}() if {name} is _absent else {name}"
        elif one.default is not _ABSENT:
            scope[f"_default_{name}"] = one.default
            parameters.append(f"{name}=_default_{name}")
        else:
            parameters.append(name)
        slot = getattr(cls, name, None)
        if not is_frozen:
            lines.append(f"self.{name} = {value}")
        elif isinstance(slot, MemberDescriptorType):
            scope[f"_put_{name}"] = slot.__set__
            lines.append(f"_put_{name}(self, {value})")
        else:
            lines.append(f"_put(self, {name!r}, {value})")
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    text = f"def __init__({', '.join(parameters)}):\n    " + "\n    ".join(lines or ["pass"])
    exec(text, scope)  # noqa: S102 - the text is made of the names of fields alone
    made = scope["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    return made


def _getter(every):
    names = [name for name, one in every.items() if one.compare]
    return attrgetter(*names) if names else lambda _value: ()


def _comparison(every):
    key = _getter(every)

    def __eq__(self, other):  # noqa: N807 - becomes the method
        if other.__class__ is not self.__class__:
            return NotImplemented
        return self is other or key(self) == key(other)

    return __eq__


def _hashing(every):
    key = _getter(every)

    def __hash__(self):  # noqa: N807 - becomes the method
        return hash(key(self))

    return __hash__


def _repr(self):
    every = getattr(self, _FIELDS)
    inner = ", ".join(f"{name}={getattr(self, name)!r}" for name, one in every.items() if one.repr)
    return f"{self.__class__.__qualname__}({inner})"


def _refuse_to_set(self, name, value):
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(self, name):
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _getstate(self):
    return [getattr(self, name) for name in getattr(self, _FIELDS)]


def _setstate(self, state):
    for name, value in zip(getattr(self, _FIELDS), state, strict=True):
        object.__setattr__(self, name, value)


class _StandardFields:
    """`__dataclass_fields__`, for those who treat our values as dataclasses."""

    def __get__(self, instance, owner):
        import dataclasses

        standard = []
        for one in getattr(owner, _FIELDS).values():
            settings = {"compare": one.compare, "repr": one.repr}
            if one.default is not _ABSENT:
                settings["default"] = one.default
            if one.default_factory is not _ABSENT:
                settings["default_factory"] = one.default_factory
            standard.append((one.name, one.type, dataclasses.field(**settings)))
        made = dataclasses.make_dataclass(owner.__name__, standard).__dataclass_fields__
        owner.__dataclass_fields__ = made
        return made


def replace(value, /, **changes):
    """Return a copy with some fields changed."""
    cls = value.__class__
    known = vars(cls).get(_PLACES)
    if known is None:
        names = tuple(getattr(cls, _FIELDS))
        # with one name alone an attrgetter gives no tuple
        getter = (
            attrgetter(*names)
            if len(names) > 1
            else lambda one: [getattr(one, name) for name in names]
        )
        known = getter, {name: place for place, name in enumerate(names)}
        setattr(cls, _PLACES, known)
    getter, places = known
    found = list(getter(value))
    for name, one in changes.items():
        place = places.get(name)
        if place is None:
            raise TypeError(f"{cls.__qualname__} has no field {name!r}")
        found[place] = one
    return cls(*found)


def fields(value):
    """Return the fields of a value or its class, each with its name."""
    return tuple(getattr(value, _FIELDS).values())


def is_dataclass(value):
    """Say whether this is such a value or class."""
    return hasattr(value, _FIELDS)
