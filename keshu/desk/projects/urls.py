from django.urls import path

from keshu.desk.projects import (
    accepting,
    archiving,
    changing,
    contract,
    inspecting,
    overdue,
    panels,  # noqa: F401 (declares its cards)
    paying,
)

urlpatterns = [
    path("projects/pay/", paying.pay, name="projects_pay"),
    path("projects/checks/", inspecting.plan, name="projects_plan"),
    path("projects/overdue/", overdue.overdue, name="projects_overdue"),
    path("projects/overdue/chase/", overdue.chase, name="projects_chase"),
    path("projects/archive/<int:year>/", archiving.archive_year, name="projects_archive_year"),
    path("projects/<int:pk>/contract/", contract.contract, name="projects_contract"),
    path("projects/<int:pk>/contract/paper/", contract.paper, name="projects_contract_paper"),
    path("projects/<int:pk>/change/", changing.change, name="projects_change"),
    path("projects/<int:pk>/acceptance/", accepting.acceptance, name="projects_acceptance"),
    path("projects/<int:pk>/archive/", archiving.archive, name="projects_archive"),
    path("projects/<int:pk>/archive/list/", archiving.archive_list, name="projects_archive_list"),
]
