namespace Apprentice.Generation;

/// <summary>Text files that are part of this assembly.</summary>
internal static class EmbeddedText
{
    /// <summary>The text of the resource <paramref name="name"/>, line ends as <c>\n</c>.</summary>
    public static string Read(string name)
    {
        using Stream stream = typeof(EmbeddedText).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"Resource '{name}' is missing from {typeof(EmbeddedText).Assembly.GetName().Name}.");
        using StreamReader reader = new(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
