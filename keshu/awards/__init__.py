"""Awards (科学技术奖): nominations come in, are examined, voted on and noticed; awards with certificates and medals go out as measures."""
