"""What statsmodels asks of every model class, whatever the number of labels."""

from typing import Any

import patsy

from wlogit import _compat
from wlogit.designs import design_of_rows
from wlogit.errors import NotAvailableError
from wlogit.formula.design import reference_levels
from wlogit.formula.stored import StoredDesign
from wlogit.keywords import reject_unknown
from wlogit.survey.protocol import Design


class ModelHooks:
    """Rebuilding, naming, forgetting and pickling of a model."""

    exog: Any
    data: Any
    _init_keys: list[str]
    # How the rows were drawn, where a survey design says so.
    design: Design | None = None
    # Made anew when asked for, and not to be pickled.
    _made_anew: tuple[str, ...] = ()

    def _get_init_kwds(self) -> dict[str, Any]:
        keywords = {key: getattr(self, key) for key in self._init_keys}
        if "design" in keywords:
            # The model built again has the rows of this one only.
            keywords["design"] = design_of_rows(self)
        return keywords

    def _check_kwargs(self, kwargs: Any, keys_extra: Any = None, error: Any = None) -> None:
        reject_unknown(kwargs, _compat.PRIVATE_KEYWORDS, type(self).__name__)

    @property
    def design_info(self) -> patsy.DesignInfo | None:
        """patsy's description of the design; None without a formula."""
        return _compat.design_info(self.data)

    @property
    def reference_levels(self) -> dict[str, Any]:
        """The level of each factor of the formula that has no column of its own."""
        info = self.design_info
        return {} if info is None else reference_levels(info)

    def require_data(self) -> None:
        """Raise NotAvailableError once ``remove_data`` has been called."""
        if self.exog is None:
            raise NotAvailableError(
                "the data of this fit were removed (remove_data): give new rows, or fit it again."
            )

    def __getstate__(self) -> dict[str, Any]:
        state = self.__dict__.copy()
        for name in self._made_anew:
            state.pop(name, None)
        state["data"] = _compat.without_design_info(self.data)
        info = self.design_info
        state["_stored_design"] = None if info is None else StoredDesign.of(info)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        stored = state.pop("_stored_design")
        self.__dict__.update(state)
        if stored is not None:
            _compat.attach_design_info(self.data, stored.restore())
