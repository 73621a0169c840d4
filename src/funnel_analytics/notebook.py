"""How a notebook starts: with a language, and with problems shown as sentences."""

import logging
import sys
import traceback
from html import escape
from typing import Any

from .errors import FunnelError
from .languages import language, set_language, word
from .messages import in_language
from .table_pages import Page

log = logging.getLogger(__name__)
# Where nobody keeps a log, Python would print the trace below the sentence.
log.addHandler(logging.NullHandler())


def problem_page(problem: BaseException, lang: str | None = None) -> Page:
    """A problem that a person can mend as its sentence, a fault with its details folded away.

    Parameters
    ----------
    problem
        What was raised; a fault also goes into the log with its trace.
    lang
        Language code.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> problem_page(fa.FunnelError("There is no profile file <our>.toml."))
    "<p role='alert'>There is no profile file &lt;our&gt;.toml.</p>"
    """
    code = language(lang)
    if isinstance(problem, FunnelError):
        return Page(f"<p role='alert'>{escape(in_language(problem, code))}</p>")
    log.error("fault", exc_info=problem)
    details = escape("".join(traceback.format_exception(problem)))
    said, unfold = (escape(word(f"dashboards.{key}", code)) for key in ("fault", "fault_details"))
    return Page(f"<div role='alert'>{said}<details><summary>{unfold}</summary><pre>{details}</pre></details></div>")


def start_notebook(lang: str) -> None:
    """Speak a language in this notebook, and tell every problem in it as a sentence instead of a traceback.

    Tables, charts, dashboards and messages follow. Outside a notebook it only sets the language.

    Parameters
    ----------
    lang
        Language code.

    Raises
    ------
    ArgumentError
        If the language has no words file.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> fa.start_notebook("en")
    """
    set_language(lang)
    # Who runs in no notebook has not loaded IPython, which takes as long as this package.
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is not None:
        shell.set_custom_exc((Exception,), _tell)


def _tell(
    shell: Any, kind: type[BaseException], problem: BaseException, trace: Any, tb_offset: int | None = None
) -> None:
    """Called by IPython in place of its own traceback; the cell counts as failed all the same."""
    shell.display_pub.publish({"text/plain": in_language(problem), "text/html": problem_page(problem)})
