"""Whether quotes are misplaced, by a look at each character."""

from fuzz.cases import COMMENT, Case


def has_odd_quotes(case: Case, delimiter: str, *, spanning: bool) -> bool:
    """True if a quote is neither at a border of a field nor doubled in a quoted one.

    Args:
        case: its text is looked at.
        delimiter: that divides its fields.
        spanning: only text behind a quote that closes a field of several lines counts.
    """
    state, is_long, place, text = "begin", False, 0, case.text.replace(COMMENT, "") if case.comment else case.text
    while place < len(text):
        character, following = text[place], text[place + 1 : place + 2]
        place += 1
        if state == "quoted":
            if character == case.quote == following:
                place += 1
            elif character == case.quote:
                is_odd = text[place:].lstrip(" ")[:1] not in ("", delimiter, "\r", "\n")
                if is_odd and (is_long or not spanning):
                    return True
                state = "behind"
            is_long |= character in "\r\n"
        elif state == "begin" and character == case.quote:
            state, is_long = "quoted", False
        elif not spanning and character == case.quote:
            return True
        elif state == "begin" and character == " " and case.skips_space:
            pass
        else:
            state = "begin" if character in delimiter + "\r\n" else "behind"
    return state == "quoted" and not spanning
