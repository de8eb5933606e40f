namespace Apprentice.Code;

/// <summary>Functions of JavaScript and TypeScript.</summary>
internal sealed class JavaScriptFunctions(string code)
{
    private readonly BraceStructure _text = BraceStructure.Read(Language.JavaScript, code);
    private readonly List<CodeFunction> _found = [];

    public IReadOnlyList<CodeFunction> Find()
    {
        int i = 0;
        while (i < _text.Count)
        {
            int after = -1;
            if (_text.Is(i, "function") && !_text.Is(i - 1, '.'))
            {
                after = Declared(i);
            }
            else if (_text.Is(i, "=>") && _text.Is(i + 1, '{'))
            {
                after = Arrow(i);
            }
            else if (_text.Is(i, '{') && _text.Is(i - 1, ')'))
            {
                after = Method(i, i - 1);
            }
            else if (_text.Is(i, ')') && _text.Is(i + 1, ':'))
            {
                after = TypedMethod(i);
            }

            i = after > i ? after : i + 1;
        }

        return _found;
    }

    private int Declared(int function)
    {
        int at = function + 1;
        at += _text.Is(at, "*") ? 1 : 0;
        string own = _text.IsWord(at) ? _text.Text(at).ToString() : "";
        at += own.Length > 0 ? 1 : 0;
        if (_text.Is(at, "<"))
        {
            while (at < _text.Count && !_text.Is(at, '(') && !_text.Is(at, '{') && !_text.Is(at, ';'))
            {
                at++;
            }
        }

        if (!_text.Is(at, '('))
        {
            return -1;
        }

        int brace = BodyAfter(_text.Close(at));
        if (brace < 0)
        {
            return -1;
        }

        int first = function;
        first -= _text.Is(first - 1, "async") ? 1 : 0;
        string name = HeldBy(ref first);
        name = own.Length > 0 ? own : name;
        return name.Length == 0 ? -1 : Add(name, first, _text.Close(brace), at);
    }

    /// <summary>The brace of the body behind a parameter list, behind a type where there is one.</summary>
    private int BodyAfter(int close)
    {
        if (_text.Is(close + 1, '{'))
        {
            return close + 1;
        }

        if (!_text.Is(close + 1, ':'))
        {
            return -1;
        }

        for (int i = close + 2; i < _text.Count && i < close + 60; i++)
        {
            if (_text.Is(i, '{'))
            {
                // Braces right behind the colon or an operator of types are a type.
                if (_text.Is(i - 1, ':') || _text.Is(i - 1, "|") || _text.Is(i - 1, "&") || _text.Is(i - 1, "<") || _text.Is(i - 1, ','))
                {
                    i = _text.Close(i);
                    continue;
                }

                return i;
            }

            if (_text.Is(i, '(') || _text.Is(i, '['))
            {
                i = _text.Close(i);
            }
            else if (_text.Is(i, ';') || _text.Is(i, '}') || _text.Is(i, ')') || _text.Is(i, "="))
            {
                return -1;
            }
        }

        return -1;
    }

    private int Arrow(int arrow)
    {
        int open = -1;
        int first = arrow - 1;
        if (_text.Is(first, ')') && _text.Match[first] >= 0)
        {
            open = first = _text.Match[first];
        }
        else if (!_text.IsWord(first))
        {
            // A typed arrow: (a: A): B => {
            int at = arrow - 1;
            while (at > 0 && arrow - at < 40 && !_text.Is(at, ')') && !_text.Is(at, ';') && !_text.Is(at, '{'))
            {
                at--;
            }

            if (!_text.Is(at, ')') || _text.Match[at] < 0)
            {
                return -1;
            }

            open = first = _text.Match[at];
        }
        else if (_text.Is(first - 1, ':') && _text.Is(first - 2, ')') && _text.Match[first - 2] >= 0)
        {
            open = first = _text.Match[first - 2];
        }

        first -= _text.Is(first - 1, "async") ? 1 : 0;
        string name = HeldBy(ref first);
        return name.Length == 0 ? -1 : Add(name, first, _text.Close(arrow + 1), open);
    }

    /// <summary>The name that an expression beginning at a token is given by an assignment or property, else an empty string; moves to where that begins.</summary>
    private string HeldBy(ref int first)
    {
        int at = first - 1;
        if (_text.Is(at, "=") || _text.Is(at, ':'))
        {
            bool property = _text.Is(at, ':');
            int target = at - 1;
            string name = "";
            if (_text.IsWord(target) || _text.IsKind(target, CodeTokenKind.String) || _text.IsKind(target, CodeTokenKind.Number))
            {
                name = _text.Text(target).Trim("'\"`").ToString();
            }
            else if (_text.Is(target, ']') && _text.Match[target] >= 0)
            {
                name = code[_text.Tokens[_text.Match[target]].Start.._text.Tokens[target].End];
                target = _text.Match[target];
            }

            if (name.Length == 0)
            {
                return "";
            }

            if (!property)
            {
                while (_text.Is(target - 1, '.') || _text.Is(target - 1, "?."))
                {
                    target -= 2;
                    while (target > 0 && (_text.Is(target, ']') || _text.Is(target, ')')) && _text.Match[target] > 0)
                    {
                        target = _text.Match[target] - 1;
                    }
                }

                target -= _text.Is(target - 1, "const") || _text.Is(target - 1, "let") || _text.Is(target - 1, "var") || _text.Is(target - 1, "static") ? 1 : 0;
                target -= _text.Is(target - 1, "export") ? 1 : 0;
            }

            first = Math.Max(target, 0);
            return name;
        }

        if (_text.Is(at, "default") && _text.Is(at - 1, "export"))
        {
            first = at - 1;
            return "default";
        }

        first -= _text.Is(at, "export") ? 1 : 0;
        return "";
    }

    private int Method(int brace, int close)
    {
        int open = _text.Match[close];
        if (open < 1)
        {
            return -1;
        }

        int named = open - 1;
        string name;
        int first = named;
        if (_text.Is(named, ']') && _text.Match[named] >= 0)
        {
            first = _text.Match[named];
            name = code[_text.Tokens[first].Start.._text.Tokens[named].End];
        }
        else if (_text.IsWord(named) || _text.IsKind(named, CodeTokenKind.String) || _text.IsKind(named, CodeTokenKind.Number))
        {
            if (_text.Is(named, "if") || _text.Is(named, "for") || _text.Is(named, "while") || _text.Is(named, "switch") || _text.Is(named, "with")
                || _text.Is(named, "function") || (_text.Is(named, "catch") && _text.Is(named - 1, '}')) || _text.Is(named - 1, '.')
                || (_text.Is(named, "await") && _text.Is(named - 1, "for")) || _text.Is(named - 1, "new"))
            {
                return -1;
            }

            name = _text.Text(named).Trim("'\"").ToString();
        }
        else
        {
            return -1;
        }

        bool starred = _text.Is(first - 1, "*");
        first -= starred ? 1 : 0;
        if (_text.Is(first - 1, "function"))
        {
            return -1;
        }

        while (_text.Is(first - 1, "async") || _text.Is(first - 1, "static") || _text.Is(first - 1, "get") || _text.Is(first - 1, "set")
            || _text.Is(first - 1, "public") || _text.Is(first - 1, "private") || _text.Is(first - 1, "protected") || _text.Is(first - 1, "readonly")
            || _text.Is(first - 1, "override"))
        {
            first--;
        }

        // A method follows a brace, a comma, a semicolon or stands on a line of its own.
        return first == 0 || _text.Is(first - 1, '{') || _text.Is(first - 1, '}') || _text.Is(first - 1, ',') || _text.Is(first - 1, ';')
            || _text.Tokens[first].Line > _text.Tokens[first - 1].Line
            ? Add(name, first, _text.Close(brace), open)
            : -1;
    }

    private int TypedMethod(int close)
    {
        int open = _text.Match[close];
        if (open < 1 || !_text.IsKind(open - 1, CodeTokenKind.Identifier) || _text.Tokens[open - 1].Line != _text.Tokens[open].Line)
        {
            return -1;
        }

        int brace = BodyAfter(close);
        if (brace < 0 || _text.Is(brace - 1, "=>") || _text.Is(brace - 1, ':') || _text.Tokens[brace].Line > _text.Tokens[close].Line + 3)
        {
            return -1;
        }

        // A conditional expression or a case label looks alike but follows other tokens than a declaration does.
        int before = open - 2;
        bool declared = before < 0 || _text.Is(before, '{') || _text.Is(before, '}') || _text.Is(before, ';') || _text.Is(before, "async") || _text.Is(before, "static")
            || _text.Is(before, "public") || _text.Is(before, "private") || _text.Is(before, "protected") || _text.Is(before, "get") || _text.Is(before, "set");
        return declared ? Method(brace, close) : -1;
    }

    private int Add(string name, int first, int last, int open)
    {
        _found.Add(_text.Function(name, first, last, open));
        return last + 1;
    }
}
