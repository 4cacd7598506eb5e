"""Pages of targets: the tree and its decomposition, documents, the import of tasks, one target; the table by indicator."""

from django.urls import path

from keshu.desk.targeting import goal, papers, recording, sources, tasks, tree, views

urlpatterns = [
    path("targets/", tree.tree_page, name="targets"),
    path("targets/indicators/", views.targets, name="targets_by_indicator"),
    path("targets/template/", views.template, name="targets_template"),
    path("targets/upload/", views.upload, name="targets_upload"),
    path("targets/apply/", views.confirm, name="targets_apply"),
    path("targets/documents/", sources.documents, name="target_documents"),
    path("targets/documents/new/", sources.register, name="target_document_new"),
    path("targets/documents/<int:pk>/<int:paper>/", sources.paper, name="target_paper"),
    path("targets/tasks/", tasks.tasks, name="target_tasks"),
    path("targets/tasks/template/", tasks.template, name="target_tasks_template"),
    path("targets/tasks/preview/", tasks.preview, name="target_tasks_preview"),
    path("targets/tasks/apply/", tasks.apply, name="target_tasks_apply"),
    path("targets/letters/<int:pk>/word/", papers.word, name="target_letter_word"),
    path("targets/<int:pk>/", goal.goal_page, name="target"),
    path("targets/<int:pk>/change/", goal.change, name="target_change"),
    path("targets/<int:pk>/step/", goal.step, name="target_step"),
    path("targets/<int:pk>/adjust/", goal.adjust, name="target_adjust"),
    path("targets/<int:pk>/letter/", goal.letter, name="target_letter"),
    path("targets/<int:pk>/split/", recording.split, name="target_split"),
    path("targets/<int:pk>/again/", recording.again, name="target_again"),
    path("targets/<int:pk>/lock/", recording.toggle_lock, name="target_lock"),
]
