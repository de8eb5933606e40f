using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Apprentice.Generation;

/// <summary>A prompt as a text file with named sections and places to fill.</summary>
/// <remarks>
/// A section starts with a line <c>%% name</c> and ends before the next; a name may occur several times. <c>[[name]]</c> is filled in one pass, so
/// that text put in is never filled again; braces have no meaning.
/// </remarks>
public sealed partial class PromptTemplate
{
    private readonly Dictionary<string, List<string>> _sections;

    private PromptTemplate(string name, string text, Dictionary<string, List<string>> sections)
    {
        Name = name;
        _sections = sections;
        Hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>Name of the strategy: the file's name without its ending.</summary>
    public string Name { get; }

    /// <summary>SHA-256 of the file's text with line ends as <c>\n</c>, lower-case hexadecimal; part of the provenance of what it made.</summary>
    public string Hash { get; }

    /// <summary>One of the templates that come with the program: <c>fault-two-shot</c> or <c>clone-from-spec</c>.</summary>
    /// <param name="name">Name of the template.</param>
    public static PromptTemplate BuiltIn(string name) => Parse(name, EmbeddedText.Read(name + ".txt"));

    /// <summary>Reads a user's own template.</summary>
    /// <param name="path">The file; copy a built-in one (<see cref="BuiltInText"/>) to start from.</param>
    /// <exception cref="PromptTemplateException">The file cannot be read or has no sections.</exception>
    public static PromptTemplate Load(string path)
    {
        try
        {
            return Parse(Path.GetFileNameWithoutExtension(path), File.ReadAllText(path), path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new PromptTemplateException($"{path}: the prompt cannot be read: {error.Message}", error);
        }
    }

    /// <summary>The text of a built-in template, to copy and edit.</summary>
    /// <param name="name">Name of the template.</param>
    public static string BuiltInText(string name) => EmbeddedText.Read(name + ".txt");

    /// <summary>All texts under a section name, in file order; empty when there is none.</summary>
    /// <param name="section">Name after <c>%%</c>.</param>
    public IReadOnlyList<string> All(string section) => _sections.TryGetValue(section, out List<string>? texts) ? texts : [];

    /// <summary>The first text under a section name.</summary>
    /// <param name="section">Name after <c>%%</c>.</param>
    /// <exception cref="PromptTemplateException">There is no such section.</exception>
    public string One(string section) => All(section) is [{ } text, ..]
        ? text
        : throw new PromptTemplateException($"Prompt '{Name}' has no section '%% {section}'; it has {string.Join(", ", _sections.Keys)}.");

    /// <summary>Fills the places of a text.</summary>
    /// <param name="section">Section whose first text is filled.</param>
    /// <param name="values">Value of each name.</param>
    /// <exception cref="PromptTemplateException">The section or the value of a place is missing.</exception>
    public string Fill(string section, params IEnumerable<(string Name, string Value)> values)
    {
        Dictionary<string, string> byName = values.ToDictionary(v => v.Name, v => v.Value, StringComparer.Ordinal);
        return Place().Replace(One(section), match => byName.TryGetValue(match.Groups[1].Value, out string? value)
            ? value
            : throw new PromptTemplateException($"Prompt '{Name}', section '%% {section}': nothing is known for {match.Value}; known are {string.Join(", ", byName.Keys.Select(k => $"[[{k}]]"))}."));
    }

    internal static PromptTemplate Parse(string name, string text, string? path = null)
    {
        text = text.ReplaceLineEndings("\n");
        Dictionary<string, List<string>> sections = new(StringComparer.Ordinal);
        string? current = null;
        StringBuilder body = new();
        void Finish()
        {
            if (current is not null)
            {
                if (!sections.TryGetValue(current, out List<string>? texts))
                {
                    sections.Add(current, texts = []);
                }

                texts.Add(body.ToString().Trim('\n'));
            }

            body.Clear();
        }

        foreach (string line in text.Split('\n'))
        {
            if (line.StartsWith("%% ", StringComparison.Ordinal))
            {
                Finish();
                current = line[3..].Trim();
            }
            else
            {
                body.Append(line).Append('\n');
            }
        }

        Finish();
        return sections.Count > 0
            ? new PromptTemplate(name, text, sections)
            : throw new PromptTemplateException($"{path ?? name}: the prompt has no section; a section starts with a line such as '%% task'.");
    }

    [GeneratedRegex(@"\[\[([a-z]+)\]\]")]
    private static partial Regex Place();
}

/// <summary>A prompt's text file cannot be used.</summary>
public sealed class PromptTemplateException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong, where.</param>
    /// <param name="inner">The cause, or null.</param>
    public PromptTemplateException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
