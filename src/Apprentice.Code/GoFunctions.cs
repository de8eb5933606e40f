namespace Apprentice.Code;

/// <summary>Functions of Go: declarations, methods, and literals that a variable or field outside of a function holds.</summary>
internal sealed class GoFunctions(string code)
{
    private readonly BraceStructure _text = BraceStructure.Read(Language.Go, code);

    public IReadOnlyList<CodeFunction> Find()
    {
        List<CodeFunction> found = [];
        for (int i = 0; i < _text.Count; i++)
        {
            if (!_text.Is(i, "func"))
            {
                continue;
            }

            int first = i;
            string name;
            int open = i + 1;
            if (_text.IsKind(open, CodeTokenKind.Identifier))
            {
                name = _text.Text(open).ToString();
                open++;
            }
            else if (_text.Is(open, '(') && _text.IsKind(_text.Close(open) + 1, CodeTokenKind.Identifier))
            {
                int named = _text.Close(open) + 1;
                if (!_text.Is(named + 1, '('))
                {
                    // func(int) string is a type or literal with one result.
                    named = -1;
                }

                bool method = named >= 0 && StartsLine(i);
                name = method ? _text.Text(named).ToString() : HeldBy(i, out first);
                open = method ? named + 1 : open;
            }
            else
            {
                name = HeldBy(i, out first);
            }

            if (_text.Is(open, '['))
            {
                open = _text.Close(open) + 1;
            }

            if (!_text.Is(open, '('))
            {
                continue;
            }

            int brace = Body(open);
            if (brace < 0)
            {
                continue;
            }

            int last = _text.Close(brace);
            if (name.Length > 0)
            {
                found.Add(_text.Function(name, first, last, open));
                i = last;
            }
        }

        return found;
    }

    private bool StartsLine(int index) => index == 0 || _text.Tokens[index].Line > _text.Tokens[index - 1].Line || _text.Is(index - 1, ';');

    /// <summary>The name that a function literal is given, or nothing for one that is passed or called.</summary>
    private string HeldBy(int func, out int first)
    {
        first = func;
        if ((_text.Is(func - 1, "=") || _text.Is(func - 1, ":=") || _text.Is(func - 1, ':')) && _text.IsKind(func - 2, CodeTokenKind.Identifier))
        {
            first = _text.Is(func - 3, "var") ? func - 3 : func - 2;
            return _text.Text(func - 2).ToString();
        }

        return "";
    }

    private int Body(int open)
    {
        for (int i = _text.Close(open) + 1; i < _text.Count; i++)
        {
            if (_text.Is(i, '{'))
            {
                if (_text.Is(i - 1, "interface") || _text.Is(i - 1, "struct"))
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
            else if (!(_text.IsKind(i, CodeTokenKind.Identifier) || _text.Is(i, '.') || _text.Is(i, "*") || _text.Is(i, "map") || _text.Is(i, "func")
                || _text.Is(i, "interface") || _text.Is(i, "struct") || _text.Is(i, "chan") || _text.Is(i, "<-")))
            {
                return -1;
            }
            else if (_text.Tokens[i].Line > _text.Tokens[i - 1].Line)
            {
                // A declaration without body, or a type.
                return -1;
            }
        }

        return -1;
    }
}
