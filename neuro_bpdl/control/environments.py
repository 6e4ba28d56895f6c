"""Making environments: gymnasium's by their id, a user's own as they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from neuro_bpdl.errors import EnvironmentFailed, InvalidInput, MissingDependency

EnvLike = Any  # a gymnasium.Env, its id, or a function that makes one


def require_gymnasium() -> Any:
    """The module gymnasium; raises MissingDependency with what to install."""
    try:
        import gymnasium
    except ImportError:
        raise MissingDependency(
            "gymnasium: not installed, but an agent needs environments; pip install 'neuro-bpdl[control]'"
        ) from None
    return gymnasium


def make(env: EnvLike, **options: Any) -> Any:
    """The environment that was meant.

    Parameters
    ----------
    env : str, gymnasium.Env or callable
        An id such as "CartPole-v1", an environment, or a function without arguments that makes one.
    options
        For gymnasium.make, e.g. ``render_mode``.

    Raises
    ------
    MissingDependency
        gymnasium, or what the environment itself needs, is not installed.
    InvalidInput
        No such id, or an object of another kind.
    """
    gymnasium = require_gymnasium()
    if isinstance(env, str):
        return _by_id(gymnasium, env, options)
    found = _called(env) if callable(env) and not hasattr(env, "step") else env
    for needed in ("reset", "step", "action_space", "observation_space"):
        if not hasattr(found, needed):
            raise InvalidInput("env", found, "a gymnasium id or an environment of gymnasium's kind",
                               f"it has no {needed}")  # fmt: skip
    return found


def name_of(env: EnvLike) -> str:
    """The id, or the class of an environment."""
    if isinstance(env, str):
        return env
    named = getattr(getattr(env, "spec", None), "id", None)
    return str(named or type(getattr(env, "unwrapped", env)).__name__)


def _called(maker: Callable[[], Any]) -> Any:
    try:
        return maker()
    except Exception as error:
        said = " ".join(f"{type(error).__name__}: {error}".split())
        raise EnvironmentFailed(f"env: making it raised {said}; mend the function") from error


def _by_id(gymnasium: Any, name: str, options: dict[str, Any]) -> Any:
    try:
        return gymnasium.make(name, disable_env_checker=True, **options)
    except gymnasium.error.DependencyNotInstalled as error:
        raise MissingDependency(f"{name}: {' '.join(str(error).split())}") from None
    except (gymnasium.error.Error, ModuleNotFoundError, ValueError) as error:
        said = " ".join(str(error).split()).rstrip(".")
        raise InvalidInput("environment", name, "an id that gymnasium knows", f"it says: {said}") from None
    except Exception as error:
        said = " ".join(f"{type(error).__name__}: {error}".split())
        raise EnvironmentFailed(f"environment {name}: making it raised {said}; mend the environment") from error
