"""Personal data as others see it: masked unless somebody with a reason asks for the whole (个人信息保护法, data minimisation)."""


def masked_phone(phone: str) -> str:
    """138****1234 for a mobile number; a shorter number keeps its last two digits. Empty stays empty."""
    if not phone:
        return ""
    if len(phone) < 7:
        return "*" * max(0, len(phone) - 2) + phone[-2:]
    return f"{phone[:3]}****{phone[-4:]}"
