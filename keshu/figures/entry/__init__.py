"""Monthly entry (填报): forms, sheets and cells come in; checked, signed and verified values go out, under one release per form."""
