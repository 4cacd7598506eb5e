"""How the bureau itself is assessed by its superior, item by item, and what moved its rank."""
