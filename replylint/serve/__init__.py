"""The pre-send service: a reply is judged over HTTP before the buyer sees it.

`app` builds the web application, `dialects` speak the callbacks of chat servers, `service` judges within a time limit.
"""
