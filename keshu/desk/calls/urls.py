from django.urls import path

from keshu.desk.calls import above, approving, forwarding, objections, panels, views  # noqa: F401 (declares cards)

urlpatterns = [
    path("calls/", views.calls, name="calls"),
    path("calls/new/", views.new, name="call_new"),
    path("calls/<int:pk>/", views.page, name="call"),
    path("calls/<int:pk>/edit/", views.edit, name="call_edit"),
    path("calls/<int:pk>/act/", views.act, name="call_act"),
    path("calls/<int:pk>/materials/", views.material, name="call_material"),
    path("calls/<int:pk>/materials/<int:file>/", views.material_file, name="call_material_file"),
    path("calls/<int:pk>/approve/", approving.approve, name="call_approve"),
    path("calls/<int:pk>/forward/", forwarding.forward, name="call_forward"),
    path("calls/<int:pk>/letter/", forwarding.letter, name="call_letter"),
    path("calls/<int:pk>/summary/", forwarding.summary, name="call_summary"),
    path("calls/<int:pk>/above/", above.upload, name="call_above"),
    path("calls/<int:pk>/above/<int:file>/", above.preview, name="call_above_preview"),
    path("calls/copy/<int:pk>/", forwarding.copy, name="call_copy"),
    path("objections/<int:pk>/proof/", objections.proof, name="objection_proof"),
    path("objections/<int:pk>/proof/<int:file>/", objections.proof_file, name="objection_proof_file"),
]
