using System.Security.Cryptography;

namespace Apprentice.Data;

/// <summary>Names the exact content of a data file, for reports, caches and pinned recordings.</summary>
public static class DatasetHash
{
    /// <summary>SHA-256 of a file's bytes as they lie on disk (packed files are not unpacked).</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellationToken">Stops between two reads.</param>
    /// <returns>64 lower-case hexadecimal digits.</returns>
    /// <exception cref="DatasetException">The file is absent or cannot be read.</exception>
    public static async Task<string> OfFileAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        try
        {
            FileStream file = File.OpenRead(path);
            await using (file.ConfigureAwait(false))
            {
                return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken).ConfigureAwait(false));
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            string problem = exception is FileNotFoundException or DirectoryNotFoundException ? "no such file." : $"cannot be read: {exception.Message}";
            throw new DatasetException(path, null, problem, exception);
        }
    }
}
