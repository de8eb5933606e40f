using System.Diagnostics;

namespace Apprentice.Generation;

/// <summary>What keeps a worker apart from the system it runs on, as found on this machine.</summary>
/// <param name="Network">True when the worker sees no network.</param>
/// <param name="Processes">True when everything the worker starts ends with it and it sees no other process.</param>
/// <param name="ReadOnlyFiles">True when no file system is writable for the worker.</param>
/// <param name="Description">The same in words, for logs and <c>doctor</c>.</param>
public sealed record Isolation(bool Network, bool Processes, bool ReadOnlyFiles, string Description)
{
    /// <summary>No isolation by the system: only the allow-list of <see cref="AllowedApi"/> and the limits of the runtime.</summary>
    public static Isolation None { get; } = new(false, false, false, "none: the allow-list of calls and the runtime's memory limit only");

    private static readonly Lazy<(Isolation Isolation, string[] Prefix)> s_found = new(Probe);

    // Every mount is made read-only; some (/proc, /sys, those of the container) may refuse, which is why the last line asks the one that matters.
    private const string ReadOnlySetup =
        "mount --make-rprivate / || exit 97; "
        + "while read -r d m r; do mount -o remount,bind,ro \"$m\" 2>/dev/null; done < /proc/self/mounts; "
        + "if touch \"${TMPDIR:-/tmp}/apprentice-write-test\" 2>/dev/null; then exit 98; fi; "
        + "exec \"$@\"";

    /// <summary>The strongest isolation that works here. Tried once per process, by running <c>true</c> inside it.</summary>
    public static Isolation Found => s_found.Value.Isolation;

    /// <summary>Command and arguments to put before the worker's own.</summary>
    internal static IReadOnlyList<string> Prefix => s_found.Value.Prefix;

    private static (Isolation Isolation, string[] Prefix) Probe()
    {
        string? unshare = new[] { "/usr/bin/unshare", "/bin/unshare" }.FirstOrDefault(File.Exists);
        if (!OperatingSystem.IsLinux() || unshare is null)
        {
            return (None, []);
        }

        string[] readOnly = [unshare, "--user", "--map-root-user", "--net", "--pid", "--fork", "--kill-child", "--ipc", "--uts", "--mount", "--", "/bin/sh", "-c", ReadOnlySetup, "worker"];
        if (Works(readOnly))
        {
            return (new Isolation(true, true, true, "Linux namespaces: no network, processes end with the worker, file systems read-only"), readOnly);
        }

        string[] processes = [unshare, "--user", "--map-root-user", "--net", "--pid", "--fork", "--kill-child", "--"];
        if (Works(processes))
        {
            return (new Isolation(true, true, false, "Linux namespaces: no network, processes end with the worker; files of this user stay writable up to 0 bytes"), processes);
        }

        string[] network = [unshare, "--user", "--map-root-user", "--net", "--"];
        return Works(network)
            ? (new Isolation(true, false, false, "Linux namespaces: no network; files of this user stay writable up to 0 bytes"), network)
            : (None, []);
    }

    private static bool Works(string[] prefix)
    {
        ProcessStartInfo start = new(prefix[0])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        };
        foreach (string argument in prefix.Skip(1).Append("/bin/true"))
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            using Process process = Process.Start(start)!;
            process.StandardInput.Close();
            if (process.WaitForExit(10_000))
            {
                return process.ExitCode == 0;
            }

            process.Kill(entireProcessTree: true);
            return false;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
