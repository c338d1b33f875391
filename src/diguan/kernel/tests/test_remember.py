"""What a request remembers, and for how long."""

from diguan.kernel import remember


class Asked:
    """Counts how often it was asked."""

    times = 0

    def __call__(self) -> int:
        self.times += 1
        return self.times


def test_outside_a_request_nothing_is_remembered():
    asked = Asked()
    assert [remember.once("key", asked), remember.once("key", asked), remember.while_reading("key", asked)] == [1, 2, 3]


def test_a_request_asks_once_and_the_next_one_asks_anew():
    asked = Asked()
    for expected in (1, 2):
        with remember.remembering():
            assert [remember.once("key", asked) for _turn in range(3)] == [expected] * 3


def test_who_changes_what_was_found_makes_it_be_asked_again():
    asked = Asked()
    with remember.remembering(reading=True):
        assert remember.while_reading("key", asked) == 1
        remember.forget()
        assert remember.while_reading("key", asked) == 2


def test_a_request_that_writes_sees_what_it_has_written():
    asked = Asked()
    with remember.remembering(reading=False):
        assert [remember.while_reading("key", asked) for _turn in range(2)] == [1, 2]


def test_nothing_found_is_an_answer_too():
    found = []
    with remember.remembering(reading=True):
        for _turn in range(2):
            assert remember.while_reading("key", lambda: found.append(1)) is None
    assert found == [1]


def test_an_action_asks_once_and_inside_a_request_with_the_request():
    asked = Asked()
    with remember.through():
        assert [remember.once("key", asked) for _turn in range(2)] == [1, 1]
    with remember.remembering():
        assert remember.once("key", asked) == 2
        with remember.through():
            assert remember.once("key", asked) == 2
        assert remember.once("key", asked) == 2
