from django.urls import path

from keshu.desk.awarding import (
    medals,
    nominating,
    objecting,
    panels,  # noqa: F401 (declares the cards of a nomination's page)
    papers,
    rounds,
    tallying,
)

urlpatterns = [
    path("nominate/", nominating.mine, name="nominations"),
    path("nominate/begin/", nominating.begin, name="nominate_begin"),
    path("nominate/<int:pk>/", nominating.form, name="nominate_form"),
    path("nominate/<int:pk>/keep/", nominating.keep_field, name="nominate_keep"),
    path("nominate/<int:pk>/hand-in/", nominating.hand_in, name="nominate_hand_in"),
    path("nominate/<int:pk>/file/", nominating.hand_file, name="nominate_file"),
    path("nominate/<int:pk>/file/<int:file>/", nominating.file, name="nominate_file_open"),
    path("nominate/<int:pk>/drop/", nominating.drop, name="nominate_drop"),
    path("awards/rounds/", rounds.rounds, name="award_rounds"),
    path("awards/prizes/", rounds.new_prize, name="award_prize_new"),
    path("awards/prizes/<int:pk>/round/", rounds.new_round, name="award_round_new"),
    path("awards/rounds/<int:pk>/", rounds.page, name="award_round"),
    path("awards/rounds/<int:pk>/edit/", rounds.edit, name="award_round_edit"),
    path("awards/rounds/<int:pk>/act/", rounds.act, name="award_round_act"),
    path("awards/rounds/<int:pk>/votes/", tallying.votes, name="award_votes"),
    path("awards/rounds/<int:pk>/scores/", tallying.scores, name="award_scores"),
    path("awards/rounds/<int:pk>/certificates/", papers.certificates_file, name="award_certificates"),
    path("awards/rounds/<int:pk>/decision/", papers.decision, name="award_decision"),
    path("awards/<int:pk>/objection/", objecting.receive, name="award_objection"),
    path("awards/medals/", medals.medals, name="award_medals"),
]
