"""Programmes (科技计划): calls come in, applications move from draft to acceptance, approved projects and money go out as measures."""
