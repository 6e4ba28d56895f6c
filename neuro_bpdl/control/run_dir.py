"""A control run: an actor-critic per seed, saved every few episodes.

Episodes start from (seed, episode) and noise is counter based, so a run that is cut goes on from its agents to the
same bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from neuro_bpdl.control.actor_critic import ActorCritic
from neuro_bpdl.control.exporting import export_agent
from neuro_bpdl.control.folder import CONFIG, Config, SeedRuns
from neuro_bpdl.control.measure import summary
from neuro_bpdl.control.spec import ControlSpec
from neuro_bpdl.control.world import Episode
from neuro_bpdl.errors import BadFile

SAVED_EVERY = 50  # episodes
Told = Callable[[int, Episode], Any]  # seed, episode


class ControlConfig(Config):
    """config.json."""

    kind: Literal["control"]
    spec: ControlSpec


class ControlRun(SeedRuns):
    """See `SeedRuns`."""

    kind, config_type, command = "control", ControlConfig, "neuro-bpdl control train ENVIRONMENT"

    @property
    def computed_by(self) -> str:
        """See `SeedRuns`."""
        spec = self.config.spec
        return f"{spec.backend} {spec.model} {spec.arithmetic} {spec.rounding}"

    def agent(self, seed: int, env: Any = None) -> ActorCritic:
        """A seed's agent as it was saved; raises BadFile, also when it is another run's."""
        agent, wanted = ActorCritic.load(self.file(seed), env), self.spec_of(seed)
        if agent.spec.model_copy(update={"ranges": wanted.ranges}) != wanted:
            raise BadFile(f"{self.file(seed)}: spec", agent.spec, f"as in {CONFIG}", "the file belongs to another run")
        return agent

    def export(self, seed: int, out: str | Path, target: str | None = "loihi2", env: Any = None) -> dict[str, Any]:
        """Write a seed's agent for a chip (`exporting.export_agent`); returns what was written, JSON-ready.

        Raises
        ------
        BadFile, InvalidInput, HardwareLimit, NotWritten
        """
        agent, config = self.agent(seed, env), self.config
        facts = {
            "run": str(self.path), "seed": seed, "episodes": len(agent.returns), "versions": config.versions,
            "commit": config.commit,
        }  # fmt: skip
        document = export_agent(agent, out, target, facts).document
        return {
            "format": "loihi", "out": str(out), "environment": agent.spec.environment, "agent": seed,
            "arithmetic": agent.spec.arithmetic, "target": target,
            "time_steps": document["schedule"]["time_steps"], "note": document["note"],
            "rules": {part["name"]: part["rule"] for part in document["projections"]}, "cost": document["cost"],
            "missing_for_a_chip": document["missing_for_a_chip"], "provenance": facts,
        }  # fmt: skip

    def train(self, told: Told | None = None, env: Any = None) -> dict[str, Any]:
        """Train every seed to the end, from where it is; returns what result.json says.

        Raises
        ------
        EnvironmentFailed, InvalidInput, SimulationError, NotWritten
        """
        spec = self.config.spec
        runs = {str(seed): summary(spec.environment, self._train_seed(seed, told, env).returns)
                for seed in self.config.seeds}  # fmt: skip
        return self.finish({
            "environment": spec.environment, "backend": spec.backend, "model": spec.model,
            "arithmetic": spec.arithmetic, "rounding": spec.rounding, "episodes": spec.episodes,
            "seeds": list(self.config.seeds), "runs": runs,
        })  # fmt: skip

    def _train_seed(self, seed: int, told: Told | None, env: Any) -> ActorCritic:
        if self.file(seed).exists():
            agent = self.agent(seed, env)
        else:
            agent = ActorCritic(env or self.config.spec.environment, spec=self.spec_of(seed))
        while (left := self.config.spec.episodes - len(agent.returns)) > 0:
            block = min(left, SAVED_EVERY - len(agent.returns) % SAVED_EVERY)
            agent.learn(block, lambda _, episode: None if told is None else told(seed, episode))
            agent.save(self.file(seed), self.require_mine)
        return agent
