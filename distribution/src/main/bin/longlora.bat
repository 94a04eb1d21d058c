@echo off
rem Starts LongLoRA4J. Environment:
rem   JAVA_HOME             the Java to use, 17 or later; else java from the PATH
rem   JAVA_OPTS             options for the JVM; LONGLORA_OPTS is added after them
rem   LONGLORA_PLUGINS      a plugin directory in place of the distribution's own
rem   LONGLORA_ONLINE=1     lets DJL fetch native libraries that are not here, such as those for CUDA
setlocal

for %%i in ("%~dp0..") do set "LONGLORA_HOME=%%~fi"

set "LONGLORA_JAVA=java"
if defined JAVA_HOME set "LONGLORA_JAVA=%JAVA_HOME%\bin\java"

rem For example: openjdk version "17.0.15" 2025-04-15
set "LONGLORA_JAVA_SAYS=%TEMP%\longlora-java-%RANDOM%.txt"
"%LONGLORA_JAVA%" -version 2>"%LONGLORA_JAVA_SAYS%"
set "LONGLORA_JAVA_VERSION="
for /f "usebackq tokens=2,3" %%a in ("%LONGLORA_JAVA_SAYS%") do if "%%a"=="version" set "LONGLORA_JAVA_VERSION=%%~b"
del "%LONGLORA_JAVA_SAYS%"
if not defined LONGLORA_JAVA_VERSION goto nojava
for /f "delims=.-+ tokens=1" %%m in ("%LONGLORA_JAVA_VERSION%") do set "LONGLORA_JAVA_MAJOR=%%m"
if %LONGLORA_JAVA_MAJOR% LSS 17 goto oldjava

set "LONGLORA_OFFLINE=true"
if "%LONGLORA_ONLINE%"=="1" set "LONGLORA_OFFLINE=false"
rem DJL reports its use to its makers unless told not to.
set "OPT_OUT_TRACKING=true"

rem Results are UTF-8.
chcp 65001 >nul

rem Tensors live outside the heap, so the heap is small and its collector simple; your options win.
set "LONGLORA_COLLECTOR=-XX:+UseSerialGC"
echo %JAVA_OPTS% %LONGLORA_OPTS% | findstr /c:"GC" >nul && set "LONGLORA_COLLECTOR="

rem Felix looks into Unsafe, of which Java 24 and later would warn at every start.
set "LONGLORA_UNSAFE="
if %LONGLORA_JAVA_MAJOR% GEQ 24 set "LONGLORA_UNSAFE=--sun-misc-unsafe-memory-access=allow"

"%LONGLORA_JAVA%" -Xmx2g %LONGLORA_COLLECTOR% %LONGLORA_UNSAFE% --enable-native-access=ALL-UNNAMED ^
  "-Dlonglora.home=%LONGLORA_HOME%" "-Dai.djl.offline=%LONGLORA_OFFLINE%" ^
  %JAVA_OPTS% %LONGLORA_OPTS% ^
  -cp "%LONGLORA_HOME%\lib\*" org.longlora4j.launcher.Main %*
exit /b %ERRORLEVEL%

:nojava
echo longlora needs Java 17 or later, and '%LONGLORA_JAVA%' does not run. Install one, or set JAVA_HOME. 1>&2
exit /b 2

:oldjava
echo longlora needs Java 17 or later, and '%LONGLORA_JAVA%' is Java %LONGLORA_JAVA_VERSION%. Set JAVA_HOME to a later one. 1>&2
exit /b 2
