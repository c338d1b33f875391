"""政务服务: matters, one matter once, cases on a legal clock, and the bench on which their process is made anew."""
