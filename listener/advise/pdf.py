"""A digest on paper: its page as PDF, by WeasyPrint. Nothing is fetched for it but what the page itself holds.

WeasyPrint draws through Pango, which comes from the system and not from PyPI; fonts do too. Both are asked for here, so
that what is missing is told with its mend.
"""

import ctypes
from contextlib import suppress
from importlib.resources import files

from listener.errors import ListenerError

PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
HAN_FONTS = "fonts-noto-cjk"
_NO_PANGO = f"no PDF can be made, Pango is not here ({{error}}): apt install {PACKAGES}"
_HAN = (b":lang=zh-tw", b":lang=zh-cn")  # Traditional and Simplified


def to_pdf(html: str) -> bytes:
    """The page as A4 with a header and page numbers; fonts are embedded.

    Args:
        html: a whole page with its pictures inside (`data:`); any other address in it is left out.

    Raises:
        ListenerError: Pango is missing; names the Debian packages.
    """
    try:
        from weasyprint import CSS, HTML
        from weasyprint.urls import URLFetcher
    except OSError as error:
        raise ListenerError(
            f"a PDF needs Pango, which is not here ({_first_line(error)}): apt install {PACKAGES}"
        ) from error
    style = CSS(string=files("listener.advise").joinpath("templates/print.css").read_text("utf-8"))
    only_inside = URLFetcher(allowed_protocols=("data",))
    document = HTML(string=html, url_fetcher=only_inside, media_type="print")
    # Mail tables say their widths in attributes, as Outlook wants them.
    return bytes(document.write_pdf(stylesheets=[style], presentational_hints=True))


def trouble() -> str:
    """Why no PDF, or none with Chinese, can be made here, with the mend; "" if all is well."""
    try:
        import weasyprint  # noqa: F401  # it loads Pango when it is imported
    except OSError as error:
        return _NO_PANGO.format(error=_first_line(error))
    if has_han_font() is False:
        return f"no font here has Chinese characters, so a PDF would show boxes for them: apt install {HAN_FONTS}"
    return ""


def has_han_font() -> bool | None:
    """Whether fontconfig, which Pango asks, knows a font for Chinese of either script; None: it cannot be asked."""
    with suppress(OSError, AttributeError):
        fontconfig = ctypes.CDLL("libfontconfig.so.1")
        for name in ("FcNameParse", "FcObjectSetCreate", "FcFontList"):
            getattr(fontconfig, name).restype = ctypes.c_void_p
        for lang in _HAN:
            pattern = ctypes.c_void_p(fontconfig.FcNameParse(lang))
            fields = ctypes.c_void_p(fontconfig.FcObjectSetCreate())
            fonts = fontconfig.FcFontList(None, pattern, fields)
            found = bool(fonts) and ctypes.c_int.from_address(fonts).value > 0  # nfont is the first of FcFontSet
            if fonts:
                fontconfig.FcFontSetDestroy(ctypes.c_void_p(fonts))
            fontconfig.FcObjectSetDestroy(fields)
            fontconfig.FcPatternDestroy(pattern)
            if found:
                return True
        return False
    return None


def _first_line(error: OSError) -> str:
    return str(error).partition("\n")[0].strip()[:160]
