namespace Apprentice.Code;

/// <summary>Names and file endings of <see cref="Language"/>.</summary>
public static class Languages
{
    private static readonly string[] s_names = ["java", "python", "c", "cpp", "csharp", "javascript", "go"];

    private static readonly Dictionary<string, Language> s_aliases = new(StringComparer.OrdinalIgnoreCase)
    {
        ["java"] = Language.Java,
        ["python"] = Language.Python,
        ["python3"] = Language.Python,
        ["py"] = Language.Python,
        ["c"] = Language.C,
        ["cpp"] = Language.Cpp,
        ["c++"] = Language.Cpp,
        ["cc"] = Language.Cpp,
        ["csharp"] = Language.CSharp,
        ["c#"] = Language.CSharp,
        ["cs"] = Language.CSharp,
        ["javascript"] = Language.JavaScript,
        ["js"] = Language.JavaScript,
        ["typescript"] = Language.JavaScript,
        ["ts"] = Language.JavaScript,
        ["go"] = Language.Go,
        ["golang"] = Language.Go,
    };

    private static readonly Dictionary<string, Language> s_endings = new(StringComparer.OrdinalIgnoreCase)
    {
        [".java"] = Language.Java,
        [".py"] = Language.Python,
        [".pyi"] = Language.Python,
        [".pyw"] = Language.Python,
        [".c"] = Language.C,
        // A header may be either; C is the choice that the function finder reads both ways.
        [".h"] = Language.C,
        [".cpp"] = Language.Cpp,
        [".cc"] = Language.Cpp,
        [".cxx"] = Language.Cpp,
        [".c++"] = Language.Cpp,
        [".hpp"] = Language.Cpp,
        [".hh"] = Language.Cpp,
        [".hxx"] = Language.Cpp,
        [".inl"] = Language.Cpp,
        [".ipp"] = Language.Cpp,
        [".cs"] = Language.CSharp,
        [".csx"] = Language.CSharp,
        [".js"] = Language.JavaScript,
        [".mjs"] = Language.JavaScript,
        [".cjs"] = Language.JavaScript,
        [".jsx"] = Language.JavaScript,
        [".ts"] = Language.JavaScript,
        [".tsx"] = Language.JavaScript,
        [".mts"] = Language.JavaScript,
        [".cts"] = Language.JavaScript,
        [".go"] = Language.Go,
    };

    /// <summary>Every language, in the order of the enumeration.</summary>
    public static IReadOnlyList<Language> All { get; } = Enum.GetValues<Language>();

    /// <summary>The name used in data files: <c>java</c>, <c>python</c>, <c>c</c>, <c>cpp</c>, <c>csharp</c>, <c>javascript</c> or <c>go</c>.</summary>
    /// <param name="language">The language.</param>
    public static string Name(this Language language) => s_names[(int)language];

    /// <summary>The language of a data file's name for it; common aliases such as <c>c#</c>, <c>py</c> and <c>typescript</c> are understood, in any case.</summary>
    /// <param name="name">Name of a language.</param>
    /// <exception cref="ArgumentException">No language has that name.</exception>
    public static Language Parse(string name) => TryParse(name, out Language language)
        ? language
        : throw new ArgumentException($"'{name}' names no known language; expected one of {string.Join(", ", s_names)}.", nameof(name));

    /// <summary>As <see cref="Parse"/>, but false for an unknown name.</summary>
    /// <param name="name">Name of a language, or null.</param>
    /// <param name="language">The language when found.</param>
    public static bool TryParse(string? name, out Language language)
    {
        language = default;
        return name is not null && s_aliases.TryGetValue(name, out language);
    }

    /// <summary>The language that the ending of a file name stands for, or null for any other file. <c>.h</c> counts as C.</summary>
    /// <param name="path">File name or path.</param>
    public static Language? FromPath(string path) =>
        s_endings.TryGetValue(Path.GetExtension(path), out Language language) ? language : null;
}
