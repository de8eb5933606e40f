namespace Apprentice.Code;

/// <summary>Functions of Java, C and C++ by the shape of their declarations.</summary>
internal sealed class CFamilyFunctions(Language language, string code)
{
    private readonly BraceStructure _text = BraceStructure.Read(language, code);
    private readonly List<CodeFunction> _found = [];

    public IReadOnlyList<CodeFunction> Find()
    {
        int unit = 0;
        int i = 0;
        while (i < _text.Count)
        {
            if (_text.Is(i, ';') || _text.Is(i, '}'))
            {
                unit = ++i;
            }
            else if (_text.Is(i, '(') || _text.Is(i, '['))
            {
                // A parenthesis that only a brace or the end closes is garbage: look on behind it.
                int close = _text.Match[i];
                i = close >= 0 && close < _text.Count && !_text.Is(close, '}') ? close + 1 : i + 1;
            }
            else if (_text.Is(i, ':') && IsAccessLabel(unit, i))
            {
                unit = ++i;
            }
            else if (_text.Is(i, '{'))
            {
                i = Block(unit, i, out bool ended);
                unit = ended ? i : unit;
            }
            else
            {
                i++;
            }
        }

        return _found;
    }

    private bool IsAccessLabel(int unit, int colon) =>
        language == Language.Cpp && colon > unit && colon - unit <= 3 && _text.Text(unit) is "public" or "private" or "protected" or "signals" or "Q_SIGNALS";

    /// <summary>Reads the block that opens at a brace; returns where to go on, and whether a new declaration begins there.</summary>
    private int Block(int unit, int brace, out bool ended)
    {
        ended = true;
        int open = ParameterList(unit, brace, out bool initialised);
        if (initialised)
        {
            // An array or brace initialiser, or one member of a constructor's initialiser list: the declaration goes on behind it.
            ended = false;
            return _text.Close(brace) + 1;
        }

        if (open < 0)
        {
            return brace + 1;
        }

        int last = _text.Close(brace);
        if (language == Language.Cpp && _text.Is(last + 1, "catch"))
        {
            // A function try block ends with its handlers.
            while (_text.Is(last + 1, "catch") && _text.Is(last + 2, '(') && _text.Is(_text.Close(last + 2) + 1, '{'))
            {
                last = _text.Close(_text.Close(last + 2) + 1);
            }
        }

        _found.Add(_text.Function(NameBefore(unit, open), unit, last, open));
        return last + 1;
    }

    /// <summary>The parenthesis that opens the parameters of the declaration between unit and brace, or -1 when it is no function.</summary>
    private int ParameterList(int unit, int brace, out bool initialised)
    {
        initialised = false;
        int open = -1;
        bool members = false;
        for (int i = unit; i < brace; i++)
        {
            CodeToken token = _text.Tokens[i];
            ReadOnlySpan<char> text = _text.Text(i);
            if (token.Kind == CodeTokenKind.Punctuation)
            {
                if (text is "(")
                {
                    if (open < 0 && IsName(unit, i))
                    {
                        open = i;
                    }

                    i = Math.Max(i, Math.Min(_text.Close(i), brace - 1));
                }
                else if (text is "[" or "{")
                {
                    i = Math.Max(i, Math.Min(_text.Close(i), brace - 1));
                }
                else if (text is ":" && open >= 0)
                {
                    members = true;
                }
            }
            else if (token.Kind == CodeTokenKind.Operator)
            {
                if (text is "=" && !_text.Is(i - 1, "operator"))
                {
                    initialised = true;
                    return -1;
                }

                if (text is "->" && language == Language.Java)
                {
                    return -1;
                }

                if (text is "<" && _text.Is(i - 1, "template"))
                {
                    i = Math.Min(AngleEnd(i, brace), brace - 1);
                }
            }
            else if (open < 0 && token.Kind == CodeTokenKind.Keyword)
            {
                if (text is "class" or "interface" or "enum" or "namespace" or "struct" or "union" && IsTypeHead(i, brace))
                {
                    return -1;
                }

                if (text is "if" or "for" or "while" or "switch" or "do" or "else" or "try" or "catch" or "synchronized" or "return" or "new" or "throw"
                    or "case" or "finally" or "delete" or "goto" && !(text is "synchronized" && !_text.Is(i + 1, '(')) && !_text.Is(i - 1, "operator"))
                {
                    return -1;
                }
            }
            else if (open < 0 && text is "record" && language == Language.Java && _text.IsKind(i + 1, CodeTokenKind.Identifier)
                && (_text.Is(i + 2, '(') || _text.Is(i + 2, "<")))
            {
                return -1;
            }
        }

        if (open < 0)
        {
            // Braces right behind a name in an initialiser that has no equals sign: int a{1};
            initialised = language == Language.Cpp && brace > unit + 1 && false;
            return -1;
        }

        if (language == Language.Java && IsEnumConstant(unit, open))
        {
            return -1;
        }

        int close = _text.Close(open);
        if (members && close < brace && (_text.IsKind(brace - 1, CodeTokenKind.Identifier) || _text.Is(brace - 1, ">")) && MemberFollows(brace))
        {
            initialised = true;
            return -1;
        }

        return open;
    }

    /// <summary>In an initialiser list another member or the body follows the braces of a member.</summary>
    private bool MemberFollows(int brace)
    {
        int after = _text.Close(brace) + 1;
        return _text.Is(after, ',') || _text.Is(after, '{');
    }

    /// <summary>A type keyword heads a type definition unless it only names a return type, as in <c>struct point *f(void) {</c>.</summary>
    private bool IsTypeHead(int index, int brace)
    {
        if (!_text.Is(index, "struct") && !_text.Is(index, "union") && !_text.Is(index, "enum") && !_text.Is(index, "class"))
        {
            return true;
        }

        if (language == Language.Java)
        {
            return true;
        }

        for (int i = index + 1; i < brace; i++)
        {
            if (_text.Is(i, ':'))
            {
                return true;
            }

            if (_text.Is(i, '('))
            {
                // class alignas(8) X {, struct __attribute__((packed)) x { against struct x f(int) {
                int close = _text.Close(i);
                if (close >= brace - 1)
                {
                    return i < 2 || (_text.Text(i - 1) is var name && (name is "alignas" || name.StartsWith("__")));
                }

                if (i > index + 1 && _text.Text(i - 1) is not "alignas" && !_text.Text(i - 1).StartsWith("__") && i - index > 2)
                {
                    return false;
                }

                i = close;
            }
        }

        return true;
    }

    private bool IsName(int unit, int open)
    {
        int name = open - 1;
        if (name < unit)
        {
            return false;
        }

        if (_text.IsKind(name, CodeTokenKind.Identifier))
        {
            ReadOnlySpan<char> text = _text.Text(name);
            if (text.StartsWith("__attribute") || text is "__declspec" or "alignas" or "__pragma")
            {
                return false;
            }

            // @Name( is an annotation, which qualified names may carry too.
            int first = name;
            while (first - 2 >= unit && _text.Is(first - 1, '.'))
            {
                first -= 2;
            }

            return !_text.Is(first - 1, "@");
        }

        return language == Language.Cpp && (_text.Is(name - 1, "operator") || _text.Is(name - 2, "operator") || _text.Is(name, "operator") || _text.Is(name, ">"))
            && !_text.Is(name, "decltype") && !_text.Is(name, "noexcept");
    }

    private string NameBefore(int unit, int open)
    {
        if (language == Language.Cpp)
        {
            for (int i = open; i >= Math.Max(unit, open - 4); i--)
            {
                if (_text.Is(i, "operator"))
                {
                    int end = i == open - 1 && _text.Is(open + 1, ')') ? open + 1 : open - 1;
                    return "operator " + code[Math.Min(_text.Tokens[Math.Min(i + 1, end)].Start, _text.Tokens[end].End).._text.Tokens[end].End];
                }
            }

            if (_text.Is(open - 2, "~"))
            {
                return "~" + _text.Text(open - 1).ToString();
            }

            if (_text.Is(open - 1, ">"))
            {
                for (int i = open - 2; i >= unit; i--)
                {
                    if (_text.Is(i, "<") && i > unit)
                    {
                        return _text.Text(i - 1).ToString();
                    }
                }
            }
        }

        return _text.Text(open - 1).ToString();
    }

    private bool IsEnumConstant(int unit, int open)
    {
        // NAME(arguments) { members } right behind a comma or behind the opening brace of an enum.
        if (open - 1 != unit && !_text.Is(open - 2, ','))
        {
            return false;
        }

        if (_text.Is(open - 2, ','))
        {
            return true;
        }

        if (!_text.Is(unit - 1, '{'))
        {
            return false;
        }

        for (int i = unit - 2; i >= 0 && i > unit - 40 && !_text.Is(i, ';') && !_text.Is(i, '{') && !_text.Is(i, '}'); i--)
        {
            if (_text.Is(i, "enum"))
            {
                return true;
            }
        }

        return false;
    }

    private int AngleEnd(int open, int limit)
    {
        int depth = 0;
        for (int i = open; i < limit; i++)
        {
            if (_text.IsKind(i, CodeTokenKind.Operator))
            {
                ReadOnlySpan<char> text = _text.Text(i);
                depth += text is "<" ? 1 : text is ">" ? -1 : text is ">>" ? -2 : 0;
                if (depth <= 0)
                {
                    return i;
                }
            }
            else if (_text.Is(i, '('))
            {
                i = Math.Max(i, Math.Min(_text.Close(i), limit - 1));
            }
        }

        return limit;
    }
}
