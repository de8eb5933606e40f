namespace Apprentice.Code;

internal sealed partial class MutationSites
{
    private const int LongestCheck = 12;

    private int LineStart(int at) => at == 0 ? 0 : _code.LastIndexOf('\n', at - 1) + 1;

    /// <summary>Removes the tokens from first to last with the lines that they fill.</summary>
    private void RemoveLines(int kind, int first, int last)
    {
        int start = LineStart(_text.Tokens[first].Start);
        int end = _text.Tokens[last].End;
        int lineEnd = _code.IndexOf('\n', end);
        if (first > 0 && _text.Tokens[first - 1].End > start)
        {
            return;
        }

        if (last + 1 < _text.Count && lineEnd >= 0 && _text.Tokens[last + 1].Start < lineEnd)
        {
            return;
        }

        if (last + 1 == _text.Count)
        {
            return;
        }

        Add(kind, start, lineEnd < 0 ? _code.Length : lineEnd + 1, "");
    }

    private void CollectBraceStatements()
    {
        bool lineEnds = _language is Language.Go or Language.JavaScript;
        int previousFirst = -1;
        int previousLast = -1;
        int start = _bodyStart;
        for (int i = _bodyStart; i < _text.Count; i++)
        {
            if (i == start && _text.Is(i, "if"))
            {
                Check(i);
            }

            if (_text.Is(i, '{') || _text.Is(i, '}'))
            {
                if (_text.Is(i, '}') && _text.Is(i + 1, "return") && _text.Match[i] >= _bodyStart)
                {
                    ReturnEarly(i);
                }

                start = i + 1;
                previousFirst = -1;
                continue;
            }

            if (_text.Is(i, '(') || _text.Is(i, '['))
            {
                int close = _text.Close(i);
                // Statements inside a function that is passed as an argument are looked at too.
                if (close > i && !ContainsBlock(i, close))
                {
                    i = close;
                }
                else
                {
                    start = i + 1;
                    previousFirst = -1;
                    continue;
                }
            }

            bool ends = _text.Is(i, ';')
                || (lineEnds && i + 1 < _text.Count && _text.Tokens[i + 1].Line > _text.Tokens[i].Line && Finished(i));
            if (!ends)
            {
                continue;
            }

            if (Droppable(start, i))
            {
                RemoveLines(_text.Is(start, "break") || _text.Is(start, "continue") ? s_loopExit : s_droppedStatement, start, i);
                if (previousFirst >= 0 && _text.Tokens[start].Line > _text.Tokens[previousLast].Line)
                {
                    AddSwap(
                        s_swappedStatements, _text.Tokens[previousFirst].Start, _text.Tokens[previousLast].End, _text.Tokens[start].Start, _text.Tokens[i].End);
                }

                bool jump = _text.IsKind(start, CodeTokenKind.Keyword) && _text.Text(start) is "break" or "continue" or "return" or "throw" or "goto";
                (previousFirst, previousLast) = jump ? (-1, -1) : (start, i);
            }
            else
            {
                previousFirst = -1;
            }

            start = i + 1;
        }
    }

    private bool ContainsBlock(int open, int close)
    {
        for (int i = open + 1; i < close; i++)
        {
            if (_text.Is(i, '{'))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>In languages without obligatory semicolons: the line ends where a value ends and the next begins with a name.</summary>
    private bool Finished(int i) => (Ends(i) || _text.IsKind(i, CodeTokenKind.String) || _text.Is(i, "++") || _text.Is(i, "--") || _text.Is(i, "break") || _text.Is(i, "continue") || _text.Is(i, "true")
        || _text.Is(i, "false") || _text.Is(i, "nil") || _text.Is(i, "null") || _text.Is(i, "return"))
        && (_text.IsWord(i + 1) || _text.Is(i + 1, '}'));

    private bool Droppable(int first, int last)
    {
        if (last <= first && !_text.IsKind(first, CodeTokenKind.Keyword))
        {
            return false;
        }

        if (_text.IsKind(first, CodeTokenKind.Keyword))
        {
            return _text.Text(first) is "break" or "continue" or "this" or "super" or "base" or "delete" or "throw" or "defer" or "await"
                && !_text.Is(first - 1, ')') && !_text.Is(first - 1, "else");
        }

        // A name, then no further name: an assignment or call, not a declaration.
        if (!_text.IsKind(first, CodeTokenKind.Identifier) || _text.IsKind(first + 1, CodeTokenKind.Identifier) || (first + 1 < _generic.Length && _generic[first + 1]))
        {
            return false;
        }

        for (int i = first + 1; i < last; i++)
        {
            if (_text.IsKind(i, CodeTokenKind.Operator) && _text.Text(i) is "=" or ":=")
            {
                // Types with dots or brackets before the name: java.util.List x = …, int[] a = …
                return !_text.Is(i, ":=") && !(_text.IsKind(i - 1, CodeTokenKind.Identifier) && (_text.IsKind(i - 2, CodeTokenKind.Identifier) || _text.Is(i - 2, "*") || _text.Is(i - 2, "&")
                    || (_text.Is(i - 2, ']') && _text.Is(i - 3, '['))));
            }

            if (_text.Is(i, '(') || _text.Is(i, '['))
            {
                i = Math.Max(i, Math.Min(_text.Close(i), last));
            }
            else if (_text.Is(i, "*") && i == first + 1)
            {
                return false;
            }
            else if (_text.Is(i, ':') && i == first + 1)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A check that leaves the function or loop, or the condition around a block.</summary>
    private void Check(int ifToken)
    {
        int after;
        if (_language == Language.Go)
        {
            after = ifToken + 1;
            while (after < _text.Count && !_text.Is(after, '{'))
            {
                if (_text.Is(after, ":="))
                {
                    return;
                }

                after = _text.Is(after, '(') || _text.Is(after, '[') ? Math.Max(_text.Close(after), after) + 1 : after + 1;
            }
        }
        else
        {
            if (!_text.Is(ifToken + 1, '('))
            {
                return;
            }

            after = _text.Close(ifToken + 1) + 1;
        }

        if (_text.Is(after, '{'))
        {
            int close = _text.Close(after);
            if (_text.Is(close + 1, "else") || !_text.Is(close, '}') || close == after + 1)
            {
                return;
            }

            if (close - after <= 30 && Leaves(after + 1, close))
            {
                RemoveLines(s_droppedCheck, ifToken, close);
            }
            else if (_text.Tokens[close].Line - _text.Tokens[after].Line <= LongestCheck && _text.Tokens[after + 1].Line > _text.Tokens[after].Line
                && _text.Tokens[close].Line > _text.Tokens[close - 1].Line && !ContainsDirective(ifToken, close))
            {
                int inner = _text.Tokens[after + 1].Start;
                Add(s_droppedCheck, _text.Tokens[ifToken].Start, _text.Tokens[close].End, _code[inner.._text.Tokens[close - 1].End]);
            }
        }
        else if (_text.IsKind(after, CodeTokenKind.Keyword) && _text.Text(after) is "return" or "throw" or "continue" or "break")
        {
            int end = after;
            while (end < _text.Count && !_text.Is(end, ';'))
            {
                if (_text.Is(end, '{') || _text.Is(end, '}'))
                {
                    return;
                }

                end++;
            }

            if (end < _text.Count && !_text.Is(end + 1, "else"))
            {
                RemoveLines(s_droppedCheck, ifToken, end);
            }
        }
    }

    private bool ContainsDirective(int first, int last) => _code.AsSpan(_text.Tokens[first].Start, _text.Tokens[last].End - _text.Tokens[first].Start).Contains('#');

    private bool Leaves(int first, int close)
    {
        for (int i = first; i < close; i++)
        {
            if (_text.IsKind(i, CodeTokenKind.Keyword) && _text.Text(i) is "return" or "throw" or "continue" or "break" or "goto"
                && (i == first || _text.Is(i - 1, ';') || _text.Is(i - 1, '}') || _text.Tokens[i].Line > _text.Tokens[i - 1].Line))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Moves a return that follows a block into it.</summary>
    private void ReturnEarly(int close)
    {
        int end = close + 1;
        while (end < _text.Count && !_text.Is(end, ';') && !_text.Is(end, '}') && !_text.Is(end, '{'))
        {
            if (_language == Language.Go && end > close + 1 && _text.Tokens[end].Line > _text.Tokens[end - 1].Line)
            {
                return;
            }

            end++;
        }

        if (!_text.Is(end, ';'))
        {
            return;
        }

        // Only behind a loop or condition; braces may also end a class, a lambda or an initialiser.
        int open = _text.Match[close];
        int head = open >= 1 && _text.Is(open - 1, ')') && _text.Match[open - 1] > 0 ? _text.Match[open - 1] - 1 : -1;
        if (head >= 0 && _text.IsKind(head, CodeTokenKind.Keyword) && _text.Text(head) is "for" or "while" or "foreach" or "if"
            && _text.Tokens[close + 1].Line > _text.Tokens[close].Line)
        {
            AddSwap(s_earlyReturn, _text.Tokens[close].Start, _text.Tokens[close].End, _text.Tokens[close + 1].Start, _text.Tokens[end].End);
        }
    }

    private void CollectPythonStatements()
    {
        List<(int First, int Column)> lines = PythonFunctions.LogicalLines(_code, _text.Tokens);
        for (int k = 0; k < lines.Count; k++)
        {
            int first = lines[k].First;
            if (first < _bodyStart)
            {
                continue;
            }

            int end = k + 1 < lines.Count ? lines[k + 1].First : _text.Count;
            int column = lines[k].Column;
            bool opens = _text.Is(end - 1, ':');
            bool opened = k > 0 && lines[k - 1].Column < column;
            bool siblingNext = k + 1 < lines.Count && lines[k + 1].Column == column && !_text.Is(lines[k + 1].First, "else") && !_text.Is(lines[k + 1].First, "elif");
            if (!opens && (!opened || siblingNext))
            {
                PythonStatement(lines, k, first, end);
            }
            else if (opens && _text.Is(first, "if"))
            {
                PythonCheck(lines, k, opened);
            }

            // A return behind a block moves into it.
            if (!opens && _text.Is(first, "return") && k > 0 && lines[k - 1].Column > column && !_text.Is(lines[k - 1].First, "return"))
            {
                int start = LineStart(_text.Tokens[first].Start);
                int inner = k - 1;
                while (inner > 0 && lines[inner - 1].Column > column)
                {
                    inner--;
                }

                int innerStart = _text.Tokens[lines[inner].First].Start;
                Add(s_earlyReturn, start, _text.Tokens[first].Start, _code[LineStart(innerStart)..innerStart]);
            }
        }
    }

    private void PythonStatement(List<(int First, int Column)> lines, int k, int first, int end)
    {
        if (_text.IsKind(first, CodeTokenKind.Keyword))
        {
            if (_text.Text(first) is "break" or "continue")
            {
                RemoveLines(s_loopExit, first, end - 1);
            }
            else if (_text.Text(first) is "raise" or "await" or "del" or "yield")
            {
                RemoveLines(s_droppedStatement, first, end - 1);
            }

            return;
        }

        if (!_text.IsKind(first, CodeTokenKind.Identifier))
        {
            return;
        }

        RemoveLines(s_droppedStatement, first, end - 1);
        if (k > 0 && lines[k - 1].Column == lines[k].Column && lines[k - 1].First >= _bodyStart && _text.IsKind(lines[k - 1].First, CodeTokenKind.Identifier)
            && !_text.Is(first - 1, ';') && _text.Tokens[first].Line > _text.Tokens[first - 1].Line)
        {
            AddSwap(
                s_swappedStatements, _text.Tokens[lines[k - 1].First].Start, _text.Tokens[first - 1].End, _text.Tokens[first].Start, _text.Tokens[end - 1].End);
        }
    }

    private void PythonCheck(List<(int First, int Column)> lines, int k, bool opened)
    {
        int column = lines[k].Column;
        int next = k + 1;
        while (next < lines.Count && lines[next].Column > column)
        {
            next++;
        }

        if (next == lines.Count || next == k + 1 || next - k > LongestCheck || _text.Is(lines[next].First, "else") || _text.Is(lines[next].First, "elif")
            || (opened && lines[next].Column < column))
        {
            return;
        }

        int last = lines[next - 1].First;
        if (next - k <= 3 && _text.IsKind(last, CodeTokenKind.Keyword) && _text.Text(last) is "return" or "raise" or "continue" or "break")
        {
            RemoveLines(s_droppedCheck, lines[k].First, lines[next].First - 1);
            return;
        }

        // Without its condition a block of single lines moves to the left.
        string indent = _code[LineStart(_text.Tokens[lines[k].First].Start).._text.Tokens[lines[k].First].Start];
        System.Text.StringBuilder body = new();
        for (int i = k + 1; i < next; i++)
        {
            CodeToken begin = _text.Tokens[lines[i].First];
            CodeToken end = _text.Tokens[lines[i + 1].First - 1];
            if (lines[i].Column != lines[k + 1].Column || end.Line != begin.Line || end.Text(_code).Contains('\n') || begin.Line == _text.Tokens[lines[k].First].Line)
            {
                return;
            }

            body.Append(i > k + 1 ? "\n" + indent : "").Append(_code, begin.Start, end.End - begin.Start);
        }

        Add(s_droppedCheck, _text.Tokens[lines[k].First].Start, _text.Tokens[lines[next].First - 1].End, body.ToString());
    }
}
