"""Classified content never enters this system (中华人民共和国保守国家秘密法): texts that carry its marks are refused."""

#: Marks of a document (国家秘密标志 is 密级★期限) and levels named in full; the bare words stand in ordinary texts too.
MARKS = ("绝密★", "机密★", "秘密★", "绝密级", "机密级", "秘密级")


class Classified(ValueError):
    """A text or a file that carries a mark of classified content."""


def refuse_classified(*texts: str) -> None:
    """Raises Classified when any of the texts carries a mark."""
    for text in texts:
        for mark in MARKS:
            if mark in text:
                raise Classified(f"这里出现了“{mark}”。涉密内容不能写进本系统，请删掉，并按保密规定办理。")
