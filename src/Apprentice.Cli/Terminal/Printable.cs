namespace Apprentice.Cli.Terminal;

/// <summary>Text from files made safe and short enough for a terminal.</summary>
internal static class Printable
{
    /// <summary>A line of a file: tabs as four blanks, control characters (which could steer the terminal) as <c>�</c>, and cut where it is very long.</summary>
    /// <param name="text">The line.</param>
    /// <param name="width">Most characters.</param>
    public static string Line(string text, int width = 160)
    {
        string plain = Clean(text.TrimEnd('\r').Replace("\t", "    ", StringComparison.Ordinal));
        return plain.Length <= width ? plain : $"{plain[..(width - 1)]}… ({plain.Length:n0} characters)";
    }

    /// <summary>A message of one or more lines.</summary>
    /// <param name="text">The message.</param>
    public static string Lines(string text) => string.Join(Environment.NewLine, text.ReplaceLineEndings("\n").Split('\n').Select(Clean));

    private static string Clean(string text) => text.AsSpan().ContainsAnyInRange('\0', '\u001F') || text.AsSpan().ContainsAnyInRange('\u007F', '\u009F')
        ? string.Create(text.Length, text, static (span, from) =>
        {
            for (int i = 0; i < span.Length; i++)
            {
                span[i] = char.IsControl(from[i]) ? '\uFFFD' : from[i];
            }
        })
        : text;
}
