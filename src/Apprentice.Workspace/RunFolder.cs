namespace Apprentice.Workspace;

/// <summary>Where a run keeps its files; nobody else builds these paths.</summary>
/// <param name="Root">The run's folder.</param>
public sealed record RunFolder(string Root)
{
    /// <summary>Demonstrations chosen for each seed.</summary>
    public string Demonstrations => Path.Combine(Root, "demonstrations.json");

    /// <summary>Requests in OpenAI batch format.</summary>
    public string Requests => Path.Combine(Root, "requests.jsonl");

    /// <summary>Every answer that was paid for.</summary>
    public string Answers => Path.Combine(Root, "answers.sqlite");

    /// <summary>Every candidate and verdict.</summary>
    public string Ledger => Path.Combine(Root, "ledger.sqlite");

    /// <summary>Examples that passed all checks and were selected.</summary>
    public string Generated => Path.Combine(Root, "generated.jsonl");

    /// <summary>Counts along the checks.</summary>
    public string Funnel => Path.Combine(Root, "funnel.json");

    /// <summary>The report as a page.</summary>
    public string ReportHtml => Path.Combine(Root, "report.html");

    /// <summary>The report as data.</summary>
    public string ReportJson => Path.Combine(Root, "report.json");

    /// <summary>The report as Markdown.</summary>
    public string ReportMarkdown => Path.Combine(Root, "report.md");

    /// <summary>The best arm's model, ready for use.</summary>
    public string Model => Path.Combine(Root, "model");

    /// <summary>A trained stage. Stages lie beside the run's folder, so that runs of one parent folder share them.</summary>
    /// <param name="key">Hash of all that went into it.</param>
    public string Cell(string key) => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(Root))!, "cells", key[..16]);

    /// <summary>Makes the folder.</summary>
    /// <exception cref="RecipeException">It cannot be made.</exception>
    public RunFolder Create()
    {
        try
        {
            Directory.CreateDirectory(Root);
            return this;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new RecipeException($"The run folder {Root} cannot be made: {exception.Message}", exception);
        }
    }
}
