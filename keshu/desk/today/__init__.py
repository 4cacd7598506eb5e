"""今日: what must I do today, what is near, what moved. Waiting records, months and deadlines come in; one page goes out."""
