using Xunit;

namespace Apprentice.Testing;

/// <summary>Finds the folder of reference values and public data that lies beside a checkout but not in it.</summary>
public static class SharedFiles
{
    /// <summary>The folder named by APPRENTICE_SHARED, else <c>shared</c> beside the checkout; null when neither exists.</summary>
    public static string? Root { get; } = Find();

    /// <summary>The full path of a shared file or folder; skips the calling test, saying what is absent, when it is not there.</summary>
    /// <param name="relativePath">Path inside the shared folder, with forward slashes.</param>
    public static string Require(string relativePath)
    {
        string? path = Root is null ? null : Path.Combine(Root, relativePath);
        if (path is null || !(File.Exists(path) || Directory.Exists(path)))
        {
            Assert.Skip($"shared/{relativePath} is absent: set APPRENTICE_SHARED to the folder that holds it.");
        }

        return path!;
    }

    /// <summary>The root of this checkout: the nearest folder upwards that holds the solution file.</summary>
    public static string Repository { get; } = FindRepository();

    private static string? Find()
    {
        string? named = Environment.GetEnvironmentVariable("APPRENTICE_SHARED");
        if (!string.IsNullOrEmpty(named))
        {
            return named;
        }

        string beside = Path.Combine(Path.GetDirectoryName(FindRepository())!, "shared");
        return Directory.Exists(beside) ? beside : null;
    }

    private static string FindRepository()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Apprentice.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No Apprentice.slnx above {AppContext.BaseDirectory}.");
    }
}
