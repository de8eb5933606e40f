namespace Apprentice.Code;

/// <summary>Which identifiers of a function look like its parameters and local variables, by shape alone.</summary>
internal sealed class LocalNames
{
    private readonly BraceStructure _text;
    private readonly Language _language;
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly List<string> _names = [];

    /// <summary>Tokens of parameter lists, where a name with an equals sign is a parameter with a default and no named argument.</summary>
    private readonly bool[] _declaring;

    private LocalNames(Language language, BraceStructure text)
    {
        (_language, _text) = (language, text);
        _lookup = _ids.GetAlternateLookup<ReadOnlySpan<char>>();
        _declaring = new bool[text.Count];
    }

    /// <summary>The names in order of their first declaration.</summary>
    public IReadOnlyList<string> Names => _names;

    public static LocalNames Of(Language language, BraceStructure text)
    {
        LocalNames names = new(language, text);
        names.AddParameters();
        for (int i = 0; i < text.Count; i++)
        {
            if (text.IsKind(i, CodeTokenKind.Identifier) && !names.IsMember(i) && names.IsDeclared(i))
            {
                names.Add(text.Text(i));
            }
        }

        return names;
    }

    /// <summary>The index in <see cref="Names"/> of the local that a token uses, or -1.</summary>
    public int Use(int index) =>
        _text.IsKind(index, CodeTokenKind.Identifier) && _lookup.TryGetValue(_text.Text(index), out int id) && !IsMember(index) && !IsLabelled(index)
            ? id
            : -1;

    /// <summary>True when a token stands behind a dot or another operator of member access.</summary>
    public bool IsMember(int index) => index > 0 && (_text.Is(index - 1, '.') || (_text.IsKind(index - 1, CodeTokenKind.Operator) && _text.Text(index - 1) is "->" or "?." or "::" or "@"));

    /// <summary>True for the name of a named argument or of a property in an object literal, which is no use of a variable.</summary>
    public bool IsLabelled(int index)
    {
        if (!_declaring[index] && _text.Is(index + 1, ':') && (_text.Is(index - 1, '{') || _text.Is(index - 1, ',') || _text.Is(index - 1, '(')))
        {
            return _language is Language.JavaScript or Language.CSharp or Language.Go;
        }

        return _language == Language.Python && !_declaring[index] && _text.Is(index + 1, "=") && (_text.Is(index - 1, ',') || _text.Is(index - 1, '(') || _text.Is(index - 1, "*"))
            && InParentheses(index);
    }

    /// <summary>True where a token declares the name that it is, with a type or keyword before it.</summary>
    public bool IsTyped(int index)
    {
        int before = index - 1;
        if (before < 0)
        {
            return false;
        }

        return _text.Tokens[before].Kind switch
        {
            CodeTokenKind.Identifier => _language != Language.Python && _text.Tokens[before].Line == _text.Tokens[index].Line,
            CodeTokenKind.Keyword => _text.Text(before) is "int" or "long" or "double" or "float" or "char" or "bool" or "boolean" or "byte" or "short" or "string"
                or "var" or "let" or "const" or "auto" or "decimal" or "object" or "uint" or "ulong" or "ushort" or "sbyte" or "unsigned" or "void",
            CodeTokenKind.Operator => _language is not (Language.Python or Language.JavaScript or Language.Go)
                && _text.Text(before) is ">" or "*" or "&" or ">>" && _text.Is(index + 1, "=") && !_text.IsKind(index - 2, CodeTokenKind.Number),
            CodeTokenKind.Punctuation => _text.Is(before, ']') && _language is not (Language.Python or Language.JavaScript),
            _ => false,
        };
    }

    private bool IsDeclared(int i)
    {
        if (_text.Is(i + 1, '(') || _text.Is(i + 1, "<") || IsLabelled(i))
        {
            return false;
        }

        if (_text.IsKind(i + 1, CodeTokenKind.Operator) && _text.Text(i + 1) is "=" or ":=" or "+=" or "-=" or "++" or "--" or "*=" or "|=" && !_text.Is(i - 1, ':'))
        {
            return true;
        }

        if (_language == Language.Python)
        {
            return _text.Is(i - 1, "as") || ((_text.Is(i - 1, "for") || _text.Is(i - 1, ',')) && TargetOfLoop(i));
        }

        if (_language == Language.Go)
        {
            return (_text.Is(i + 1, ',') && (_text.Is(i + 3, ":=") || _text.Is(i + 3, "="))) || _text.Is(i - 1, "var");
        }

        bool ends = _text.Is(i + 1, ';') || _text.Is(i + 1, ',') || _text.Is(i + 1, ')') || _text.Is(i + 1, ':') || _text.Is(i + 1, '[')
            || _text.Is(i + 1, "in") || _text.Is(i + 1, "of");
        return ends && IsTyped(i) && !char.IsAsciiLetterUpper(_text.Text(i)[0]);
    }

    private bool TargetOfLoop(int i)
    {
        for (int k = i - 1; k >= 0 && k > i - 8; k--)
        {
            if (_text.Is(k, "for"))
            {
                for (int j = i + 1; j < _text.Count && j < i + 8; j++)
                {
                    if (_text.Is(j, "in"))
                    {
                        return true;
                    }

                    if (!_text.IsKind(j, CodeTokenKind.Identifier) && !_text.Is(j, ',') && !_text.Is(j, ')') && !_text.Is(j, '('))
                    {
                        return false;
                    }
                }
            }
            else if (!_text.IsKind(k, CodeTokenKind.Identifier) && !_text.Is(k, ',') && !_text.Is(k, '('))
            {
                return false;
            }
        }

        return false;
    }

    private bool InParentheses(int index)
    {
        int depth = 0;
        for (int i = index - 1; i >= 0 && i > index - 400; i--)
        {
            if (_text.Is(i, ')') || _text.Is(i, ']') || _text.Is(i, '}'))
            {
                depth++;
            }
            else if (_text.Is(i, '(') && depth-- == 0)
            {
                return true;
            }
            else if ((_text.Is(i, '[') || _text.Is(i, '{')) && depth-- == 0)
            {
                return false;
            }
        }

        return false;
    }

    /// <summary>The names in the parameter list of every declared function.</summary>
    private void AddParameters()
    {
        for (int open = 1; open < _text.Count; open++)
        {
            if (!_text.Is(open, '(') || !IsParameterList(open))
            {
                continue;
            }

            int close = _text.Close(open);
            _declaring.AsSpan(open, close + 1 - open).Fill(true);
            for (int i = open + 1; i < close; i++)
            {
                if (!_text.IsKind(i, CodeTokenKind.Identifier))
                {
                    continue;
                }

                bool first = _text.Is(i - 1, '(') || _text.Is(i - 1, ',') || (_language == Language.Python && _text.IsKind(i - 1, CodeTokenKind.Operator) && !_text.Is(i - 1, "="));
                bool last = i + 1 == close || _text.Is(i + 1, ',') || _text.Is(i + 1, "=") || _text.Is(i + 1, '[');
                bool parameter = _language switch
                {
                    Language.Go => first && !_text.Is(i + 1, '.'),
                    Language.Python => first && _text.Text(i) is not ("self" or "cls"),
                    Language.JavaScript => (first && (last || _text.Is(i + 1, ':'))) || (_text.Is(i - 1, "...") && last),
                    _ => last && !first && !_text.Is(i - 1, "="),
                };
                if (parameter)
                {
                    Add(_text.Text(i));
                }
            }
        }
    }

    private bool IsParameterList(int open)
    {
        int after = _text.Close(open) + 1;
        return _language switch
        {
            Language.Python => _text.Is(open - 2, "def"),
            Language.Go => _text.Is(open - 1, "func") || _text.Is(open - 2, "func") || (_text.Is(open - 2, ')') && _text.Match[open - 2] > 0 && _text.Is(_text.Match[open - 2] - 1, "func")),
            Language.JavaScript => _text.Is(after, '{') ? !IsControl(open - 1) : _text.Is(after, "=>"),
            _ => (_text.Is(after, '{') || _text.Is(after, "throws") || _text.Is(after, "=>") || _text.Is(after, "const")) && !IsControl(open - 1),
        };
    }

    private bool IsControl(int index) => _text.IsKind(index, CodeTokenKind.Keyword)
        && _text.Text(index) is "if" or "for" or "while" or "switch" or "catch" or "using" or "lock" or "synchronized" or "foreach" or "fixed" or "with";

    private void Add(ReadOnlySpan<char> name)
    {
        if (!_lookup.ContainsKey(name) && name is not "_")
        {
            string text = name.ToString();
            _ids.Add(text, _names.Count);
            _names.Add(text);
        }
    }
}
