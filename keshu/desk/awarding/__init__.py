"""科学技术奖 pages: rounds, nominations, votes and objections come in; notices, medals, certificates and the decision go out."""
