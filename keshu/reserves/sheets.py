"""The sheets of this room by the code of the register that they go into."""

from keshu.reserves import achieving, answering, needing, publishing, reserving
from keshu.reserves.filling import Form

FORMS: dict[str, Form] = {
    form.code: form
    for form in (reserving.FORM, needing.FORM, answering.FORM, achieving.FORM, publishing.FORM)
}
